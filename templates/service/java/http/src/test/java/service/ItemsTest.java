package service;

import static service.runtime.Tests.equal;
import static service.runtime.Tests.problem;

import java.util.List;
import java.util.Map;
import service.runtime.Json;
import service.runtime.Problem;

/** The rules of an item, without HTTP. */
final class ItemsTest {
    private static List<String> pointers(Object value) {
        Problem problem = problem(() -> Items.parse(value));
        equal(422, problem.status());
        return problem.errors().stream().map(Problem.Fault::pointer).toList();
    }

    void validItems() {
        equal(new Items.NewItem("cup", 0), Items.parse(Map.of("name", "cup")));
        String longest = "\ud83c\udf75".repeat(Items.MOST_NAME);
        Object value = Map.of("name", longest, "quantity", (long) Items.MOST_QUANTITY);
        equal(new Items.NewItem(longest, Items.MOST_QUANTITY), Items.parse(value));
    }

    void eachFaultHasItsPointer() throws Json.Malformed {
        equal(List.of(""), pointers(List.of()));
        equal(List.of(""), pointers(null));
        equal(List.of("/name"), pointers(Map.of()));
        equal(
                List.of("/name", "/quantity", "/color"),
                pointers(Json.read("{\"name\": \"\", \"quantity\": -1, \"color\": \"red\"}")));
        for (String quantity : List.of("true", "1.5", "\"1\"", "null", "1000001")) {
            equal(List.of("/quantity"), pointers(Json.read("{\"name\": \"cup\", \"quantity\": " + quantity + "}")));
        }
    }

    void itemsAreKept() {
        Items items = new Items();
        Items.Item cup = items.add(new Items.NewItem("cup", 2));
        equal(cup, items.get(cup.id()));
        equal(List.of(cup), items.all());
        equal(true, items.remove(cup.id()));
        equal(false, items.remove(cup.id()));
    }
}
