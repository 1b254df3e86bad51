package main

import (
	"encoding/json"
	"fmt"
	"os"
	"reflect"
	"sort"
	"strings"
	"testing"
)

// openapi.json and the code say the same: paths, methods, and the rules of an item.

type schema struct {
	Required             []string
	AdditionalProperties *bool
	Properties           map[string]struct{ MinLength, MaxLength, Minimum, Maximum, Default int }
}

type document struct {
	Paths      map[string]map[string]any
	Components struct{ Schemas map[string]schema }
}

func openAPI(t *testing.T) document {
	t.Helper()
	text, err := os.ReadFile("openapi.json")
	if err != nil {
		t.Fatal(err)
	}
	// Only NewItem's schema has the shape above.
	var whole document
	var loose struct {
		Paths      map[string]map[string]any
		Components struct{ Schemas map[string]json.RawMessage }
	}
	if err := json.Unmarshal(text, &loose); err != nil {
		t.Fatal(err)
	}
	var item schema
	if err := json.Unmarshal(loose.Components.Schemas["NewItem"], &item); err != nil {
		t.Fatal(err)
	}
	whole.Paths = loose.Paths
	whole.Components.Schemas = map[string]schema{"NewItem": item}
	return whole
}

func TestPathsAndMethods(t *testing.T) {
	var described []string
	for path, operations := range openAPI(t).Paths {
		for method := range operations {
			if method != "parameters" {
				described = append(described, strings.ToUpper(method)+" "+path)
			}
		}
	}
	sort.Strings(described)
	if routes := service().Routes(); !reflect.DeepEqual(described, routes) {
		t.Error(described, routes)
	}
}

func TestTheSchemaOfANewItem(t *testing.T) {
	item := openAPI(t).Components.Schemas["NewItem"]
	name, quantity := item.Properties["name"], item.Properties["quantity"]
	if !reflect.DeepEqual(item.Required, []string{"name"}) || item.AdditionalProperties == nil || *item.AdditionalProperties {
		t.Error(item)
	}
	for size, fits := range map[int]bool{name.MinLength - 1: false, name.MinLength: true, name.MaxLength: true, name.MaxLength + 1: false} {
		if _, faults := parse(t, fmt.Sprintf(`{"name": "%s"}`, strings.Repeat("x", size))); (faults == nil) != fits {
			t.Error(size, faults)
		}
	}
	for number, fits := range map[int]bool{quantity.Minimum - 1: false, quantity.Minimum: true, quantity.Maximum: true, quantity.Maximum + 1: false} {
		if _, faults := parse(t, fmt.Sprintf(`{"name": "x", "quantity": %d}`, number)); (faults == nil) != fits {
			t.Error(number, faults)
		}
	}
	if made, _ := parse(t, `{"name": "x"}`); made.Quantity != quantity.Default {
		t.Error(made)
	}
}
