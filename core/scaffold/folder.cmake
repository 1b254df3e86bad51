# The templates travel inside the binary.
file(GLOB_RECURSE templates CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/templates/*)
apigw_embed(apigw_scaffold apigw::scaffold templates_data.cpp ${CMAKE_SOURCE_DIR}/templates ${templates})
