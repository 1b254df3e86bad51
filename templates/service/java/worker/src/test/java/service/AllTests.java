package service;

import service.runtime.JsonTest;
import service.runtime.Tests;

/** The list of test classes. */
final class AllTests {
    public static void main(String[] arguments) {
        Tests.run(WorkerTest.class, JsonTest.class);
    }
}
