package service;

import static service.runtime.Tests.equal;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SortedSet;
import java.util.TreeSet;
import service.runtime.Json;
import service.runtime.Problem;

/** openapi.json and the code say the same: paths, methods, and the rules of an item. */
final class OpenApiTest {
    private static Map<?, ?> at(Object value, String... names) {
        for (String name : names) {
            value = ((Map<?, ?>) value).get(name);
        }
        return (Map<?, ?>) value;
    }

    private static Object document() throws IOException, Json.Malformed {
        return Json.read(Files.readString(Path.of("openapi.json")));
    }

    private static boolean accepts(Object value) {
        try {
            return Items.parse(value) != null;
        } catch (Problem problem) {
            return false;
        }
    }

    void pathsAndMethods() throws IOException, Json.Malformed {
        SortedSet<String> described = new TreeSet<>();
        at(document(), "paths").forEach((path, operations) -> at(operations).keySet().forEach(method -> {
            if (!method.equals("parameters")) {
                described.add(method.toString().toUpperCase(Locale.ROOT) + " " + path);
            }
        }));
        equal(described, HttpTest.service().router().routes());
    }

    void theSchemaOfANewItem() throws IOException, Json.Malformed {
        Map<?, ?> schema = at(document(), "components", "schemas", "NewItem");
        equal(List.of("name"), schema.get("required"));
        equal(false, schema.get("additionalProperties"));
        Map<?, ?> name = at(schema, "properties", "name");
        Map<?, ?> quantity = at(schema, "properties", "quantity");
        int shortest = ((Long) name.get("minLength")).intValue();
        int longest = ((Long) name.get("maxLength")).intValue();
        Map.of(shortest - 1, false, shortest, true, longest, true, longest + 1, false)
                .forEach((size, fits) -> equal(fits, accepts(Map.of("name", "x".repeat(size)))));
        long least = (Long) quantity.get("minimum");
        long most = (Long) quantity.get("maximum");
        Map.of(least - 1, false, least, true, most, true, most + 1, false)
                .forEach((number, fits) -> equal(fits, accepts(Map.of("name", "x", "quantity", number))));
        equal(quantity.get("default"), Items.parse(Map.of("name", "x")).quantity());
    }
}
