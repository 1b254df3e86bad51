# The only server that sees httplib, whose macros this target carries; the shared precompiled header lacks them.
target_link_libraries(apigw_control PRIVATE apigw_httplib)
set_source_files_properties(${CMAKE_CURRENT_SOURCE_DIR}/control/parser.cpp PROPERTIES SKIP_PRECOMPILE_HEADERS ON)
