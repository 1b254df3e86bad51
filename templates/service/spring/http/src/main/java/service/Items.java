package service;

import jakarta.validation.Valid;
import java.net.URI;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.atomic.AtomicLong;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.DeleteMapping;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.ResponseStatus;
import org.springframework.web.bind.annotation.RestController;
import service.runtime.Problem;

/**
 * The example resource: items with a name and a quantity, kept in memory. Replace it with yours. openapi.json describes
 * what this class does; OpenApiTest compares the two.
 */
@RestController
@RequestMapping("/items")
class Items {
    private final Map<Long, Item> kept = new ConcurrentSkipListMap<>();
    private final AtomicLong last = new AtomicLong();

    @GetMapping
    List<Item> all() {
        return List.copyOf(kept.values());
    }

    @PostMapping(consumes = MediaType.APPLICATION_JSON_VALUE)
    ResponseEntity<Item> add(@Valid @RequestBody NewItem made) {
        Item item = new Item(last.incrementAndGet(), made.name(), made.quantity());
        kept.put(item.id(), item);
        return ResponseEntity.created(URI.create("/items/" + item.id())).body(item);
    }

    @GetMapping("/{id}")
    Item get(@PathVariable long id) {
        Item item = kept.get(id);
        if (item == null) {
            throw new Problem(404, "there is no item " + id);
        }
        return item;
    }

    @DeleteMapping("/{id}")
    @ResponseStatus(HttpStatus.NO_CONTENT)
    void remove(@PathVariable long id) {
        kept.remove(get(id).id());
    }
}
