# The only folder that sees RE2 (Debian: libre2-dev).
find_library(RE2 re2 REQUIRED)
target_link_libraries(apigw_schema PRIVATE ${RE2})
