// Builds Env from the real world and runs one command.
#include <iostream>

#include "command.h"

int main() {
  std::cout << "apigw " APIGW_VERSION "\n";
  return 0;
}
