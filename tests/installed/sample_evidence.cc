#include <cstdint>
#include <iostream>

#include <trustee/attester.h>

int main() {
  using namespace trustee::guest;
  const Detected found = detect();
  std::cout << found.tee << "\n";
  const std::uint8_t report_data[] = {'c', 'h', 'a', 'l', 'l', 'e', 'n', 'g', 'e'};
  const Answer sample = evidence("sample", report_data, sizeof report_data);
  std::cout << (sample.ok() ? sample.text : sample.reason) << "\n";
  const Answer unknown = evidence("abacus", report_data, sizeof report_data);
  std::cout << unknown.code << "\n";
  const Answer unbound = bind_init_data("sample", report_data, sizeof report_data);
  std::cout << unbound.code << "\n";
  return sample.ok() ? 0 : 1;
}
