package service;

import static org.junit.jupiter.api.Assertions.assertEquals;

import jakarta.validation.Validation;
import jakarta.validation.Validator;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import service.runtime.Json;

/** openapi.json and the code say the same: paths, methods, and the rules of an item. */
class OpenApiTest {
    private static Map<?, ?> at(Object value, String... names) {
        Object found = value;
        for (String name : names) {
            found = ((Map<?, ?>) found).get(name);
        }
        return (Map<?, ?>) found;
    }

    private static Object document() throws Exception {
        return Json.read(Files.readString(Path.of("openapi.json")));
    }

    @Test
    void pathsAndMethods() throws Exception {
        TreeSet<String> described = new TreeSet<>();
        at(document(), "paths").forEach((path, operations) -> ((Map<?, ?>) operations).keySet().stream()
                .filter(method -> !method.equals("parameters"))
                .forEach(method -> described.add(method.toString().toUpperCase() + " " + path)));
        try (Running running = new Running("0")) {
            assertEquals(described, new TreeSet<>(running.launch.routes()));
        }
    }

    @Test
    void theSchemaOfANewItem() throws Exception {
        Object document = document();
        Map<?, ?> schema = at(document, "components", "schemas", "NewItem");
        assertEquals(List.of("name"), schema.get("required"));
        assertEquals(false, schema.get("additionalProperties"));
        Map<?, ?> name = at(schema, "properties", "name");
        Map<?, ?> quantity = at(schema, "properties", "quantity");
        int shortest = ((Long) name.get("minLength")).intValue();
        int longest = ((Long) name.get("maxLength")).intValue();
        int least = ((Long) quantity.get("minimum")).intValue();
        int most = ((Long) quantity.get("maximum")).intValue();
        for (int size : new int[] {shortest - 1, shortest, longest, longest + 1}) {
            assertEquals(size >= shortest && size <= longest, valid("x".repeat(size), 0), "name of " + size);
        }
        for (int number : new int[] {least - 1, least, most, most + 1}) {
            assertEquals(number >= least && number <= most, valid("x", number), "quantity " + number);
        }
        assertEquals(quantity.get("default"), (long) new NewItem("x", null).quantity());
    }

    private static boolean valid(String name, int quantity) {
        try (var factory = Validation.buildDefaultValidatorFactory()) {
            Validator validator = factory.getValidator();
            return validator.validate(new NewItem(name, quantity)).isEmpty();
        }
    }
}
