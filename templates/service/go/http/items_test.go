package main

import (
	"encoding/json"
	"errors"
	"reflect"
	"sort"
	"strings"
	"testing"

	"service/internal/runtime"
)

func parse(t *testing.T, text string) (newItem, []string) {
	t.Helper()
	var value any
	decoder := json.NewDecoder(strings.NewReader(text))
	decoder.UseNumber()
	if err := decoder.Decode(&value); err != nil {
		t.Fatal(err)
	}
	made, err := parseItem(value)
	var problem *runtime.Problem
	if !errors.As(err, &problem) {
		return made, nil
	}
	var pointers []string
	for _, fault := range problem.Errors {
		pointers = append(pointers, fault.Pointer)
	}
	sort.Strings(pointers)
	return made, pointers
}

func TestValidItems(t *testing.T) {
	longest := strings.Repeat("x", mostName)
	for text, want := range map[string]newItem{
		`{"name": "cup"}`: {"cup", 0},
		`{"name": "` + longest + `", "quantity": 1000000}`: {longest, mostQuantity},
	} {
		if made, faults := parse(t, text); made != want || faults != nil {
			t.Error(text, made, faults)
		}
	}
}

func TestEachFaultHasItsPointer(t *testing.T) {
	for text, want := range map[string][]string{
		`[]`: {""},
		`{}`: {"/name"},
		`{"name": "", "quantity": -1, "color": "red"}`: {"/color", "/name", "/quantity"},
		`{"name": "cup", "quantity": true}`:            {"/quantity"},
		`{"name": "cup", "quantity": 1.5}`:             {"/quantity"},
		`{"name": "cup", "quantity": "1"}`:             {"/quantity"},
		`{"name": "cup", "quantity": 1000001}`:         {"/quantity"},
	} {
		if _, faults := parse(t, text); !reflect.DeepEqual(faults, want) {
			t.Error(text, faults)
		}
	}
}

func TestItemStore(t *testing.T) {
	all := newItems()
	cup := all.add(newItem{"cup", 2})
	if found, ok := all.get(cup.ID); !ok || found != cup || len(all.list()) != 1 {
		t.Error(found, ok)
	}
	if !all.remove(cup.ID) || all.remove(cup.ID) {
		t.Error("an item is removed once")
	}
}
