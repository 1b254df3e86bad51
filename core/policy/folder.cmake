target_link_libraries(apigw_policy PUBLIC OpenSSL::Crypto)
