# Scaffolded services, each with its own toolchain: built, tested, booted and stopped. Its name makes tests/run run it alone.
apigw_test(process_services services process_support)
if(TARGET test_process_services)
  add_dependencies(test_process_services apigw)
endif()
