// Anchor of the precompiled header std.h.
