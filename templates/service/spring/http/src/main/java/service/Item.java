package service;

public record Item(long id, String name, int quantity) {}
