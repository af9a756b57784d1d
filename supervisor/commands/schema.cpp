// podrun schema: prints the JSON schema of manifests, for editors.
#include "pod/schema/schema_json.hpp"
#include "supervisor/commands/commands.hpp"
#include "supervisor/core/console.hpp"

namespace podrun::supervisor::commands {

ExitStatus schema(const Invocation& /*invocation*/) { return print(pod::json_schema()); }

}  // namespace podrun::supervisor::commands
