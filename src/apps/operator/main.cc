#include "apps/operator/program.h"

int main(int argc, char** argv) {
  const trustee::SystemClock clock;
  return trustee::apps::run_manager(argc, argv, clock);
}
