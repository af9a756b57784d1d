// A task in a short-lived process.
#include "namespaces/kernel/child_task.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <string>

namespace podrun::ns {
namespace {

/// What a pipe takes at once, so that the child never waits for us.
constexpr std::size_t longest_words = 4096;

struct Order {
  const std::function<Result<>()>& work;
  int words;
};

int do_work(void* argument) {
  const auto& order = *static_cast<const Order*>(argument);
  const Result<> done = order.work();
  if (done) return 0;
  const std::string& message = done.error().message;
  (void)!::write(order.words, message.data(), std::min(message.size(), longest_words));
  return done.error().number > 0 && done.error().number < 128 ? done.error().number : EIO;
}

}  // namespace

Result<ChildTask> start_child_task(const std::function<Result<>()>& work, int cgroup) {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) < 0) return fail_system("pipe");
  Fd words(ends[0]);
  const Fd theirs(ends[1]);
  Order order{work, theirs.get()};
  Process process = TRY(run_in_child(do_work, &order, cgroup));
  return ChildTask{std::move(process), std::move(words)};
}

Result<> finish_child_task(const ChildTask& work) {
  const int code = exit_code_of(TRY(wait_for(work.process)));
  if (code == 0) return {};
  if (code > 128) return fail("its process was killed", EINTR);
  std::string message(longest_words, '\0');
  const ssize_t length = ::read(work.words.get(), message.data(), message.size());
  message.resize(length > 0 ? static_cast<std::size_t>(length) : 0);
  return fail(message.empty() ? "its process failed" : message, code);
}

}  // namespace podrun::ns
