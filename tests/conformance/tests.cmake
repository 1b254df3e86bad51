# Laws that hold for every row of a roster, run over the fixtures of the row.
apigw_test(conformance conformance apigw_gateway)
