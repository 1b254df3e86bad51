target_link_libraries(apigw_yaml PRIVATE yaml-cpp)
