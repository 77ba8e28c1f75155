#include "apps/kbs/program.h"

int main(int argc, char** argv) {
  const trustee::SystemClock clock;
  return trustee::apps::run_kbs(argc, argv, {}, clock);
}
