apigw_roster(apigw_import ${CMAKE_CURRENT_SOURCE_DIR}/import/kinds.txt apigw::import Importer import/importer.h
             import_kinds_roster.cpp)
