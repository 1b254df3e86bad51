file(GLOB pages CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/diag/pages/*.md)
apigw_embed(apigw_diag apigw::diag::pages diag_pages.cpp ${CMAKE_CURRENT_SOURCE_DIR}/diag/pages ${pages})
set_source_files_properties(${CMAKE_CURRENT_BINARY_DIR}/diag_pages.cpp PROPERTIES SKIP_PRECOMPILE_HEADERS ON)
