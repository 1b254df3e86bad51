apigw_roster(apigw_emit ${CMAKE_CURRENT_SOURCE_DIR}/emit/targets.txt apigw::emit Emitter emit/emitter.h
             targets_roster.cpp)
