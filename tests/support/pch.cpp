// Gives the precompiled header of the tests a program to be built for: it fits other programs (-fPIE), not libraries.
