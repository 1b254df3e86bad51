// Anchor of the precompiled header json.h.
