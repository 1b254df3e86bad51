# models.txt as rows of an array: one expression for the whole file, since CMake is slow line by line.
set(models ${CMAKE_CURRENT_SOURCE_DIR}/catalogue/models.txt)
set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${models})
file(READ ${models} text)
string(REGEX REPLACE "#[^\n]*\n" "" text "${text}")
string(REPLACE " -\n" " plain\n" text "${text}")
string(REPLACE " - " " none " text "${text}")
string(REPLACE " - " " none " text "${text}")
set(word "([^ \n]+)")
string(REGEX REPLACE "${word} ${word} ${word} ${word} ${word} ${word} ${word} ${word} ${word}\n"
       "{\"\\1\", \"\\2\", \\3, \\4, {\\5, \\6, \\7, \\8}, \\9},\n" text "${text}")
file(CONFIGURE OUTPUT ${CMAKE_CURRENT_BINARY_DIR}/catalogue/models.inc CONTENT "${text}" @ONLY)
target_include_directories(apigw_catalogue PRIVATE ${CMAKE_CURRENT_BINARY_DIR}/catalogue)
