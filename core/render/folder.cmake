target_link_libraries(apigw_render PRIVATE OpenSSL::Crypto)
