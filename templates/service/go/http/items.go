package main

// The example resource: items with a name and a quantity, kept in memory. Replace it with yours. openapi.json describes
// what this file does; openapi_test.go compares the two.

import (
	"encoding/json"
	"fmt"
	"net/http"
	"sort"
	"strconv"
	"sync"
	"unicode/utf8"

	"service/internal/runtime"
)

const (
	mostName     = 100 // characters
	mostQuantity = 1_000_000
)

type newItem struct {
	Name     string
	Quantity int
}

type item struct {
	ID       int    `json:"id"`
	Name     string `json:"name"`
	Quantity int    `json:"quantity"`
}

// items is safe for many goroutines.
type items struct {
	mutex sync.Mutex
	byID  map[int]item
	last  int
}

func newItems() *items {
	return &items{byID: map[int]item{}}
}

func (all *items) list() []item {
	all.mutex.Lock()
	defer all.mutex.Unlock()
	list := make([]item, 0, len(all.byID))
	for _, one := range all.byID {
		list = append(list, one)
	}
	sort.Slice(list, func(i, j int) bool { return list[i].ID < list[j].ID })
	return list
}

func (all *items) get(id int) (item, bool) {
	all.mutex.Lock()
	defer all.mutex.Unlock()
	one, ok := all.byID[id]
	return one, ok
}

func (all *items) add(made newItem) item {
	all.mutex.Lock()
	defer all.mutex.Unlock()
	all.last++
	one := item{all.last, made.Name, made.Quantity}
	all.byID[one.ID] = one
	return one
}

func (all *items) remove(id int) bool {
	all.mutex.Lock()
	defer all.mutex.Unlock()
	_, ok := all.byID[id]
	delete(all.byID, id)
	return ok
}

// parseItem finds every fault at once, each with a JSON pointer to its place.
func parseItem(value any) (newItem, error) {
	object, ok := value.(map[string]any)
	if !ok {
		return newItem{}, invalid(runtime.Fault{Pointer: "", Detail: "must be an object"})
	}
	var made newItem
	var faults []runtime.Fault
	if name, ok := object["name"].(string); ok && name != "" && utf8.RuneCountInString(name) <= mostName {
		made.Name = name
	} else if _, there := object["name"]; there {
		faults = append(faults, runtime.Fault{Pointer: "/name", Detail: fmt.Sprintf("must be a text of 1 to %d characters", mostName)})
	} else {
		faults = append(faults, runtime.Fault{Pointer: "/name", Detail: "is missing"})
	}
	if quantity, there := object["quantity"]; there {
		number, _ := quantity.(json.Number)
		whole, err := strconv.Atoi(number.String())
		if err != nil || whole < 0 || whole > mostQuantity {
			faults = append(faults, runtime.Fault{Pointer: "/quantity", Detail: fmt.Sprintf("must be a whole number from 0 to %d", mostQuantity)})
		}
		made.Quantity = whole
	}
	for name := range object {
		if name != "name" && name != "quantity" {
			faults = append(faults, runtime.Fault{Pointer: "/" + name, Detail: "is not known"})
		}
	}
	if faults != nil {
		return newItem{}, invalid(faults...)
	}
	return made, nil
}

func invalid(faults ...runtime.Fault) error {
	return runtime.NewProblem(http.StatusUnprocessableEntity, "the item is not valid", faults...)
}

func addItems(app *runtime.App, all *items) {
	app.Handle("GET", "/items", func(w http.ResponseWriter, _ *http.Request) error {
		return runtime.WriteJSON(w, http.StatusOK, all.list())
	})
	app.Handle("POST", "/items", func(w http.ResponseWriter, r *http.Request) error {
		value, err := runtime.ReadJSON(r)
		if err != nil {
			return err
		}
		made, err := parseItem(value)
		if err != nil {
			return err
		}
		one := all.add(made)
		w.Header().Set("location", fmt.Sprintf("/items/%d", one.ID))
		return runtime.WriteJSON(w, http.StatusCreated, one)
	})
	app.Handle("GET", "/items/{id}", func(w http.ResponseWriter, r *http.Request) error {
		one, ok := all.get(idOf(r))
		if !ok {
			return missing(r)
		}
		return runtime.WriteJSON(w, http.StatusOK, one)
	})
	app.Handle("DELETE", "/items/{id}", func(w http.ResponseWriter, r *http.Request) error {
		if !all.remove(idOf(r)) {
			return missing(r)
		}
		w.WriteHeader(http.StatusNoContent)
		return nil
	})
}

// idOf is 0, which no item has, for what is no number.
func idOf(r *http.Request) int {
	id, err := strconv.Atoi(runtime.Parameter(r, "id"))
	if err != nil {
		return 0
	}
	return id
}

func missing(r *http.Request) error {
	return runtime.NewProblem(http.StatusNotFound, "there is no item "+runtime.Parameter(r, "id"))
}
