package service.runtime;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Runs tests with the JDK alone. A test is a method of a test class without parameters that is neither private nor
 * static; each runs on an object of its own and fails by throwing, or after 30 seconds.
 */
public final class Tests {
    private static final int MOST_SECONDS = 30;

    private Tests() {}

    /** Runs all of them and ends the process: 0 when none failed. */
    public static void run(Class<?>... classes) {
        int passed = 0;
        List<String> failed = new ArrayList<>();
        for (Class<?> type : classes) {
            List<Method> tests = testsOf(type);
            if (tests.isEmpty()) {
                failed.add(type.getSimpleName() + " holds no test");
            }
            for (Method test : tests) {
                String name = type.getSimpleName() + "." + test.getName();
                Throwable failure = failure(type, test);
                if (failure == null) {
                    passed++;
                } else {
                    failed.add(name);
                    System.err.println("FAIL " + name);
                    failure.printStackTrace();
                }
            }
        }
        failed.forEach(name -> System.out.println("failed: " + name));
        System.out.println(passed + " passed, " + failed.size() + " failed");
        System.exit(failed.isEmpty() ? 0 : 1);
    }

    public static void equal(Object wanted, Object given) {
        that(Objects.equals(wanted, given), "wanted " + wanted + "\nbut got " + given);
    }

    public static void that(boolean holds, String otherwise) {
        if (!holds) {
            throw new AssertionError(otherwise);
        }
    }

    public static void contains(String whole, String part) {
        that(whole.contains(part), "wanted " + part + "\nin " + whole);
    }

    /** The Problem that the work throws. */
    public static Problem problem(Runnable work) {
        try {
            work.run();
        } catch (Problem problem) {
            return problem;
        }
        throw new AssertionError("nothing was refused");
    }

    private static List<Method> testsOf(Class<?> type) {
        List<Method> tests = new ArrayList<>();
        for (Method method : type.getDeclaredMethods()) {
            boolean hidden = method.isSynthetic() || (method.getModifiers() & (Modifier.PRIVATE | Modifier.STATIC)) != 0;
            if (!hidden && method.getParameterCount() == 0) {
                tests.add(method);
            }
        }
        tests.sort(Comparator.comparing(Method::getName));
        return tests;
    }

    /** null: it passed. */
    private static Throwable failure(Class<?> type, Method test) {
        ExecutorService thread = Executors.newSingleThreadExecutor();
        try {
            thread.submit(() -> {
                var made = type.getDeclaredConstructor();
                made.setAccessible(true);
                test.setAccessible(true);
                return test.invoke(made.newInstance());
            }).get(MOST_SECONDS, TimeUnit.SECONDS);
            return null;
        } catch (ExecutionException error) {
            Throwable cause = error.getCause();
            return cause instanceof InvocationTargetException ? cause.getCause() : cause;
        } catch (TimeoutException | InterruptedException error) {
            return error;
        } finally {
            thread.shutdownNow();
        }
    }
}
