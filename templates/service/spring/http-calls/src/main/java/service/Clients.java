package service;

import java.util.Map;
import service.runtime.Client;

/** The services that this one calls, by their names. */
public record Clients(Map<String, Client> all) {}
