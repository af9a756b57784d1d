// The times of a child's steps: a page that the child and its parent share until the exec.
#pragma once

#include <sys/mman.h>
#include <time.h>

#include <cstddef>
#include <cstdint>
#include <utility>

namespace podrun::ns {

/// CLOCK_BOOTTIME now, in nanoseconds.
inline std::int64_t boottime_now() noexcept {
  timespec now{};
  ::clock_gettime(CLOCK_BOOTTIME, &now);
  return now.tv_sec * std::int64_t{1'000'000'000} + now.tv_nsec;
}

/// The times of up to 512 events; later events are not kept. Empty if there was no memory for the page.
class SharedTimestamps {
 public:
  SharedTimestamps() = default;
  SharedTimestamps(SharedTimestamps&& other) noexcept : page_(std::exchange(other.page_, nullptr)) {}
  SharedTimestamps& operator=(SharedTimestamps&& other) noexcept {
    std::swap(page_, other.page_);
    return *this;
  }
  ~SharedTimestamps() {
    if (page_ != nullptr) ::munmap(page_, size);
  }

  static SharedTimestamps create() noexcept {
    SharedTimestamps timestamps;
    void* page = ::mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (page != MAP_FAILED) timestamps.page_ = static_cast<std::int64_t*>(page);
    return timestamps;
  }

  /// Records that event `index` happens now.
  void set(std::size_t index) const noexcept {
    if (page_ != nullptr && index < size / sizeof *page_) page_[index] = boottime_now();
  }
  /// CLOCK_BOOTTIME of an event, in nanoseconds; 0 if it has not happened or is not kept.
  std::int64_t at(std::size_t index) const noexcept {
    return page_ != nullptr && index < size / sizeof *page_ ? page_[index] : 0;
  }

 private:
  static constexpr std::size_t size = 4096;
  std::int64_t* page_ = nullptr;
};

}  // namespace podrun::ns
