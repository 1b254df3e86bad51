target_link_libraries(apigw_credential PRIVATE OpenSSL::Crypto)
