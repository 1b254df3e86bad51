# models.txt as rows of an array: a few expressions for the whole file, since CMake is slow line by line. A price or
# size that is `-` becomes `none`, a tier a constant, and what is left of a line its row.
set(models ${CMAKE_CURRENT_SOURCE_DIR}/catalogue/models.txt)
set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${models})
file(READ ${models} text)
string(REGEX REPLACE "#[^\n]*\n" "" text "${text}")
string(REGEX REPLACE "([ ,:])-([ ,\n])" "\\1none\\2" text "${text}")
string(REGEX REPLACE "([ ,:])-([ ,\n])" "\\1none\\2" text "${text}")  # those that shared a sign with one before
string(REGEX REPLACE " batch>([0-9]+):([^ \n]+)" " ,Tier{true,\\1,{\\2}}" text "${text}")
string(REGEX REPLACE " batch:([^ \n]+)" " ,Tier{true,0,{\\1}}" text "${text}")
string(REGEX REPLACE " >([0-9]+):([^ \n]+)" " ,Tier{false,\\1,{\\2}}" text "${text}")
set(word "([^ \n]+)")
set(traits "([a-z|]+)")
set(row "${word} ${word} ${word} ${word} ${word}")
string(REGEX REPLACE "${row} ${traits}( ,[^\n]+)\n" "{\"\\1\", \"\\2\", \\3, \\4, {\\5}, \\6, tiers_of<0\\7>},\n" text "${text}")
string(REGEX REPLACE "${row} ${traits}\n" "{\"\\1\", \"\\2\", \\3, \\4, {\\5}, \\6},\n" text "${text}")
string(REPLACE "}, none" "}, plain" text "${text}")
file(CONFIGURE OUTPUT ${CMAKE_CURRENT_BINARY_DIR}/catalogue/models.inc CONTENT "${text}" @ONLY)
target_include_directories(apigw_catalogue PRIVATE ${CMAKE_CURRENT_BINARY_DIR}/catalogue)
