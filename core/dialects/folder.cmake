apigw_roster(apigw_dialects ${CMAKE_CURRENT_SOURCE_DIR}/dialects/dialects.txt apigw::dialects Dialect dialects/dialect.h
             dialects_roster.cpp)
