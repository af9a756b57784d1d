// A thread that swaps entries of a directory while a test works on them, as a container could.
#pragma once

#include <atomic>
#include <functional>
#include <thread>
#include <utility>

namespace podrun::ns {

/// Swaps from its construction until its destruction.
class Swapper {
 public:
  /// SWAP is called again and again and returns whether it has swapped. The constructor returns after the first swap.
  explicit Swapper(std::function<bool()> swap)
      : thread_([this, swap = std::move(swap)](const std::stop_token& stop) {
          while (!stop.stop_requested()) swaps_ += swap();
        }) {
    while (swaps_ == 0) std::this_thread::yield();
    at_start_ = swaps_;
  }
  /// The number of swaps since the constructor returned.
  long swaps_since_start() const { return swaps_ - at_start_; }

 private:
  std::atomic<long> swaps_ = 0;
  long at_start_ = 0;
  std::jthread thread_;
};

}  // namespace podrun::ns
