// The process title: what ps(1) shows. The memory of argv and, behind it, of the environment is overwritten in place.
// (prctl(PR_SET_MM_ARG_START) would need CAP_SYS_RESOURCE.)
#include "supervisor/core/process_title.hpp"

#include <unistd.h>

#include <algorithm>
#include <cstring>

namespace podrun::supervisor {
namespace {

char* room = nullptr;
std::size_t room_length = 0;
std::size_t argv_length = 0;  // the part of it that was argv

/// Copies the strings of the environment, so that getenv(3) still works when their memory is overwritten.
void move_environment() {
  std::size_t count = 0;
  while (environ[count] != nullptr) ++count;
  char** copy = new char*[count + 1];  // never freed: the environment is used until the process ends
  for (std::size_t i = 0; i < count; ++i) copy[i] = ::strdup(environ[i]);
  copy[count] = nullptr;
  environ = copy;
}

}  // namespace

void remember_title_room(int argc, char** argv) {
  if (argc == 0) return;
  char* end = argv[0];
  for (char** word = argv; *word != nullptr && *word == end; ++word) end += std::strlen(end) + 1;
  argv_length = static_cast<std::size_t>(end - argv[0]);
  for (char** variable = environ; *variable != nullptr && *variable == end; ++variable) end += std::strlen(end) + 1;
  room = argv[0];
  room_length = static_cast<std::size_t>(end - argv[0]);
}

void set_process_title(const std::string& title) {
  if (room_length < 2) return;
  move_environment();
  const std::size_t length = std::min(title.size(), room_length - 1);
  std::memset(room, 0, room_length);
  std::memcpy(room, title.data(), length);
  // If the last byte of argv is not NUL, the kernel takes the memory for a title, which ends at its first NUL.
  if (length < argv_length) room[argv_length - 1] = ' ';
}

}  // namespace podrun::supervisor
