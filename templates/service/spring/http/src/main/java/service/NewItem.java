package service;

import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;
import jakarta.validation.constraints.NotNull;
import jakarta.validation.constraints.Size;

/** What makes an item; its quantity is 0 where it is not given, or null. */
public record NewItem(
        @NotNull(message = "is missing") @Size(min = 1, max = 100) String name,
        @Min(0) @Max(1_000_000) Integer quantity) {

    public NewItem {
        quantity = quantity == null ? 0 : quantity;
    }
}
