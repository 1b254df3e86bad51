# The real binary from outside: tests/process/*_test.cpp → test_process, which starts build/apigw and a fake upstream.
add_executable(fake_upstream support/fake_upstream.cpp)
target_link_libraries(fake_upstream PRIVATE apigw_flags Threads::Threads)
add_library(process_support STATIC support/process.cpp support/serving.cpp support/tls_client.cpp)
target_link_libraries(process_support PUBLIC test_main Threads::Threads OpenSSL::SSL OpenSSL::Crypto)
target_compile_definitions(process_support PUBLIC APIGW_FAKE_UPSTREAM="$<TARGET_FILE:fake_upstream>"
  APIGW_TEST_UPSTREAM="$<TARGET_FILE:test_upstream>" APIGW_TEST_LOAD="$<TARGET_FILE:test_load>")
add_dependencies(process_support fake_upstream test_upstream test_load)
# What the sanitizers of this build must find, so that a clean suite means something.
if(APIGW_SANITIZE)
  add_executable(planted_bug support/planted_bug.cpp)
  target_link_libraries(planted_bug PRIVATE apigw_flags Threads::Threads)
endif()
apigw_test(process process process_support)
if(TARGET test_process)
  add_dependencies(test_process apigw)
  if(APIGW_SANITIZE)
    add_dependencies(test_process planted_bug)
    target_compile_definitions(test_process PRIVATE APIGW_PLANTED_BUG="$<TARGET_FILE:planted_bug>"
      APIGW_SANITIZE="${APIGW_SANITIZE}")
  endif()
endif()
# In-process servers are called with the same raw sockets.
if(TARGET test_control)
  target_link_libraries(test_control PRIVATE process_support)
endif()
