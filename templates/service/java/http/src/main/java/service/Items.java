package service;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.atomic.AtomicLong;
import service.runtime.Json;
import service.runtime.Problem;
import service.runtime.Request;
import service.runtime.Response;
import service.runtime.Router;

/**
 * The example resource: items with a name and a quantity, kept in memory. Replace it with yours. openapi.json describes
 * what this file does; OpenApiTest compares the two. Safe for many threads.
 */
final class Items {
    static final int MOST_NAME = 100; // characters
    static final int MOST_QUANTITY = 1_000_000;

    record NewItem(String name, long quantity) {}

    record Item(long id, String name, long quantity) {
        Map<String, Object> json() {
            return Json.object("id", id, "name", name, "quantity", quantity);
        }
    }

    private final Map<Long, Item> items = new ConcurrentSkipListMap<>();
    private final AtomicLong last = new AtomicLong();

    List<Item> all() {
        return List.copyOf(items.values());
    }

    /** null: there is none. */
    Item get(long id) {
        return items.get(id);
    }

    Item add(NewItem made) {
        Item item = new Item(last.incrementAndGet(), made.name(), made.quantity());
        items.put(item.id(), item);
        return item;
    }

    boolean remove(long id) {
        return items.remove(id) != null;
    }

    /** Every fault at once, each with a JSON pointer to its place. */
    static NewItem parse(Object value) {
        if (!(value instanceof Map<?, ?> object)) {
            throw invalid(List.of(new Problem.Fault("", "must be an object")));
        }
        List<Problem.Fault> faults = new ArrayList<>();
        if (!object.containsKey("name")) {
            faults.add(new Problem.Fault("/name", "is missing"));
        } else if (!isName(object.get("name"))) {
            faults.add(new Problem.Fault("/name", "must be a text of 1 to " + MOST_NAME + " characters"));
        }
        if (object.containsKey("quantity") && !isQuantity(object.get("quantity"))) {
            faults.add(new Problem.Fault("/quantity", "must be a whole number from 0 to " + MOST_QUANTITY));
        }
        for (Object key : object.keySet()) {
            if (!key.equals("name") && !key.equals("quantity")) {
                faults.add(new Problem.Fault("/" + key, "is not known"));
            }
        }
        if (!faults.isEmpty()) {
            throw invalid(faults);
        }
        return new NewItem((String) object.get("name"), object.get("quantity") instanceof Long number ? number : 0);
    }

    private static boolean isName(Object value) {
        return value instanceof String text
                && !text.isEmpty()
                && text.codePointCount(0, text.length()) <= MOST_NAME;
    }

    private static boolean isQuantity(Object value) {
        return value instanceof Long number && number >= 0 && number <= MOST_QUANTITY;
    }

    private static Problem invalid(List<Problem.Fault> faults) {
        return new Problem(422, "the item is not valid", faults);
    }

    void addTo(Router router) {
        router.add("GET", "/items", request -> Response.json(200, all().stream().map(Item::json).toList()));
        router.add("POST", "/items", request -> {
            Item item = add(parse(request.json()));
            return Response.json(201, item.json()).with("location", "/items/" + item.id());
        });
        router.add("GET", "/items/{id}", request -> {
            Item item = get(number(request));
            if (item == null) {
                throw missing(request);
            }
            return Response.json(200, item.json());
        });
        router.add("DELETE", "/items/{id}", request -> {
            if (!remove(number(request))) {
                throw missing(request);
            }
            return Response.empty(204);
        });
    }

    private static long number(Request request) {
        String text = request.parameter("id");
        if (!text.matches("[0-9]{1,18}")) {
            throw missing(request);
        }
        return Long.parseLong(text);
    }

    private static Problem missing(Request request) {
        return new Problem(404, "there is no item " + request.parameter("id"));
    }
}
