// podrun image load: takes images from archives and folders.
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <string>

#include "supervisor/core/console.hpp"
#include "supervisor/image_verbs/fetching.hpp"
#include "supervisor/image_verbs/image_verbs.hpp"
#include "supervisor/images/load_image.hpp"

namespace podrun::supervisor::commands {
namespace {

Result<ImageToLoad> open_input(const std::string& path, const std::string& name) {
  ImageToLoad request{.name = name};
  if (path == "-") {
    if (::isatty(STDIN_FILENO) == 1) return fail("standard input is a terminal; it is to be an archive");
    request.input = Fd(::fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 0));
  } else {
    request.input = Fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  }
  if (!request.input) return fail_system(path);
  struct stat status;
  if (::fstat(request.input.get(), &status) < 0) return fail_system(path);
  request.is_folder = S_ISDIR(status.st_mode);
  if (!request.is_folder && !S_ISREG(status.st_mode) && !S_ISFIFO(status.st_mode) && !S_ISSOCK(status.st_mode))
    return fail(path + ": it is neither a file nor a folder nor a pipe");
  return request;
}

/// As podman prints it.
std::string text_of(const LoadedImage& loaded, bool quiet) {
  const std::string& id = loaded.image.record.summary.id;
  if (quiet) return id.substr(id.find(':') + 1) + "\n";
  std::string text;
  for (const std::string& name : loaded.names) text += "Loaded image: " + name + "\n";
  return text.empty() ? "Loaded image: " + id + "\n" : text;
}

}  // namespace

ExitStatus image_load(const Invocation& invocation) {
  const Options& options = invocation.options;
  const std::string& path = options.operands.front();
  const auto request = open_input(path, options.image_name);
  if (!request) return report_error(ExitStatus::Invalid, "image load: " + request.error().message);
  auto opened = tools_for(invocation);
  if (!opened) return report_error(ExitStatus::CannotStart, opened.error().message);
  const GiveUpOnSignal give_up;
  opened->tools.fetch.cancel = give_up.fd();
  const ns::ImageStore store(invocation.layout.image_store());
  const auto images = load_images(store, opened->tools, *request);
  if (!images) return report_fetch_error("image load: " + path, images.error());
  ExitStatus status = ExitStatus::Succeeded;
  for (const LoadedImage& loaded : *images) {
    note_left_out(path, loaded.notes);
    if (loaded.names.empty() && !options.quiet)
      note("an image of " + path + " has no name: podrun image tag gives it one");
    status = greatest(status, print(text_of(loaded, options.quiet)));
  }
  return status;
}

}  // namespace podrun::supervisor::commands
