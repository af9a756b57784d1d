// What pulls and loads images on this host.
#include "supervisor/images/image_tools.hpp"

#include <sys/utsname.h>
#include <unistd.h>

#include <utility>

#include "namespaces/images/unpack_layers.hpp"
#include "namespaces/launch/program_folder.hpp"
#include "supervisor/core/clock.hpp"
#include "supervisor/core/installed_programs.hpp"

namespace podrun::supervisor {

Result<OpenImageTools> open_image_tools(const std::string& program) {
  OpenImageTools opened;
  opened.puller = TRY(ns::open_program("podrun-puller", puller_program(program)));
  opened.unpacker = TRY(ns::open_program(ns::unpacker_name, unpacker_program(program)));
  utsname machine{};
  if (::uname(&machine) < 0) return fail_system("uname");
  opened.tools.fetch = {.program = opened.puller.get(),
                        .environment = ns::environment_of_puller(environ),
                        .platform = pod::platform_of_machine(machine.machine)};
  opened.tools.unpacker = opened.unpacker.get();
  opened.tools.clock = wall_now;
  return opened;
}

}  // namespace podrun::supervisor
