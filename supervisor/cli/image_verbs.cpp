// The table of the verbs of images: `podrun image ls`.
#include <algorithm>
#include <array>

#include "supervisor/cli/command_words.hpp"
#include "supervisor/cli/verb_option_lists.hpp"
#include "supervisor/cli/verbs.hpp"

namespace podrun::supervisor {
namespace {

using namespace option;

constexpr std::size_t most_images = 10'000;
constexpr std::string_view first_word = "image ";

constexpr std::array all_image_verbs{
    VerbSpec{.verb = Verb::Image,
             .name = "image ls",
             .operands = "[REF...]",
             .fewest = 0,
             .most = most_images,
             .heading = "",
             .summary = "list images: id, size, age, and which pods use them",
             .text = "Lists the images of this host, a line for each name. SIZE is that of their files, SHARED\n"
                     "the part of it that other images have, too. With REF it lists these images.\n",
             .options = image_ls_options,
             .also = "list"},
    VerbSpec{.verb = Verb::Image,
             .name = "image pull",
             .operands = "REF...",
             .fewest = 1,
             .most = most_images,
             .heading = "",
             .summary = "fetch images from registries",
             .text = "Fetches images from registries, as far as this host does not have them, and prints their ids.\n"
                     "Short names are as registries.conf has them, else of docker.io. Credentials are those of\n"
                     "\"skopeo login\". With --creds USER the password is read from standard input.\n"
                     "\n"
                     "Exit status: 1 if an image cannot be fetched; 3 if this host lacks something for that, such as\n"
                     "skopeo or space.\n",
             .options = image_pull_options},
    VerbSpec{.verb = Verb::Image,
             .name = "image load",
             .operands = "FILE|FOLDER|-",
             .fewest = 1,
             .most = 1,
             .heading = "",
             .summary = "take images from an archive or a folder",
             .text = "Takes images from what docker save, podman save and buildah push write: a docker-archive or an\n"
                     "oci-archive, also compressed, or a folder in the OCI image layout. A tar archive of a root file\n"
                     "system becomes an image, too; it needs --name. \"-\" is standard input.\n",
             .options = image_load_options},
    VerbSpec{.verb = Verb::Image,
             .name = "image inspect",
             .operands = "REF...",
             .fewest = 1,
             .most = most_images,
             .heading = "",
             .summary = "print all that is known of images, as JSON",
             .text = "Prints all that is known of images as a JSON list: names, digests, layers, manifest, config.\n",
             .options = image_json_options},
    VerbSpec{
        .verb = Verb::Image,
        .name = "image history",
        .operands = "REF",
        .fewest = 1,
        .most = 1,
        .heading = "",
        .summary = "show the steps in which an image was made",
        .text = "Shows the steps in which an image was made, the last one first, with the sizes of their layers.\n",
        .options = image_json_options},
    VerbSpec{.verb = Verb::Image,
             .name = "image tag",
             .operands = "REF NAME",
             .fewest = 2,
             .most = 2,
             .heading = "",
             .summary = "give an image another name",
             .text = "Gives an image another name. If another image has the name, it loses it. A NAME without a\n"
                     "registry is one of localhost/, which is never pulled.\n",
             .options = image_options},
    VerbSpec{.verb = Verb::Image,
             .name = "image rm",
             .operands = "REF...",
             .fewest = 1,
             .most = most_images,
             .heading = "",
             .summary = "remove names, and images with their last name",
             .text = "Removes names. With its last name an image goes, too, and the layers that no other image\n"
                     "has. The last name of an image that a pod uses stays.\n",
             .options = image_options,
             .also = "remove"},
    VerbSpec{.verb = Verb::Image,
             .name = "image prune",
             .operands = "",
             .fewest = 0,
             .most = 0,
             .heading = "",
             .summary = "remove images without a name, and unused layers",
             .text = "Removes images that have no name any more, as when a newer image has taken it, and layers\n"
                     "that no image has. With -a it removes every image that no pod uses. It says what it freed.\n",
             .options = image_prune_options},
    VerbSpec{.verb = Verb::Image,
             .name = "image verify",
             .operands = "",
             .fewest = 0,
             .most = 0,
             .heading = "",
             .summary = "check every layer of every image",
             .text = "Reads every file of every layer and compares it with what was unpacked. The exit status is 1\n"
                     "if something differs. A layer that does is put out of use: its images are pulled again.\n",
             .options = image_options},
};

}  // namespace

std::span<const VerbSpec> image_verbs() {
  return all_image_verbs;
}

const VerbSpec* find_image_verb(std::string_view word) {
  const auto is_it = [&](const VerbSpec& verb) {
    return verb.name.substr(first_word.size()) == word || is_word_of(verb.also, word);
  };
  const auto* const found = std::ranges::find_if(all_image_verbs, is_it);
  return found == all_image_verbs.end() ? nullptr : found;
}

}  // namespace podrun::supervisor
