package service;

import service.runtime.JsonTest;
import service.runtime.Tests;

/** The list of test classes. */
final class AllTests {
    public static void main(String[] arguments) {
{{#if calls}}
        Tests.run(ItemsTest.class, JsonTest.class, HttpTest.class, OpenApiTest.class, DependenciesTest.class);
{{else}}
        Tests.run(ItemsTest.class, JsonTest.class, HttpTest.class, OpenApiTest.class);
{{/if}}
    }
}
