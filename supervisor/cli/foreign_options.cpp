// The table of options of other programs.
#include "supervisor/cli/foreign_options.hpp"

#include <array>

#include "supervisor/cli/command_words.hpp"

namespace podrun::supervisor {
namespace {

/// Options with one answer.
struct Answer {
  std::string_view verbs;  ///< "": those of a command line without a verb; "*": all
  std::string_view options;
  std::string_view text;
};

constexpr std::array answers{
    Answer{"run", "--name", "the manifest's metadata.name is the pod's name"},
    Answer{"run", "--rm", "when a pod has ended only its logs are left; podrun rm NAME removes them"},
    Answer{"run", "-i -t --interactive --tty --stdin --attach",
           "the manifest says stdin: true and tty: true, and podrun attach -it NAME connects to the container"},
    Answer{"run", "-p -P --publish --publish-all --expose --port",
           "the manifest publishes ports: ports of a container, with hostPort"},
    Answer{"run", "-e --env --env-file", "the manifest has variables: env and envFrom of a container"},
    Answer{"run", "-v --volume --mount --tmpfs", "the manifest has volumes: volumes, and volumeMounts of a container"},
    Answer{"run", "--network --net --ip --dns --dns-search --add-host",
           "the manifest describes the network: hostNetwork, dnsConfig and hostAliases; "
           "/etc/podrun/network.yaml has the subnets"},
    Answer{"run", "--restart", "the manifest's restartPolicy says whether containers are restarted"},
    Answer{"run", "-u --user --privileged --cap-add --cap-drop --security-opt --read-only --group-add --userns",
           "the manifest describes rights: securityContext of the pod and of a container"},
    Answer{"run", "-w --workdir", "the manifest's workingDir is a container's directory"},
    Answer{"run", "--image --entrypoint --command", "the manifest has the image, the command and its args"},
    Answer{"run", "-m --memory --cpus --limits --requests --pids-limit --ulimit",
           "the manifest has the limits: resources of a container"},
    Answer{"run", "--hostname --uts --ipc --pid --shm-size", "the manifest describes the pod: podrun-pod(5)"},
    Answer{"run", "-l --label --labels --annotation --annotations", "the manifest has labels and annotations"},
    Answer{"run", "--build --no-build", "podrun builds no images: podrun-pod(5), IMAGES"},
    Answer{"run", "--quiet-pull", "a start shows no progress of pulls: podrun events NAME lists them"},
    Answer{"run", "--tls-verify", "registries.conf(5) says which registries are insecure"},
    Answer{"run", "--creds --authfile", "credentials are in imagePullSecrets, or come from skopeo login"},
    Answer{"image ls", "--digests --no-trunc --format --filter -a --all", "all images are listed, and -o json has all "
                                                                      "that is known of them"},
    Answer{"image pull", "--arch --os --variant", "instead: --platform linux/ARCHITECTURE[/VARIANT]"},
    Answer{"image pull", "--pull", "instead: --policy"},
    Answer{"image pull", "--cert-dir", "certificates are in /etc/containers/certs.d: podrun-image(1)"},
    Answer{"image pull", "-a --all-tags", "each REF is one image"},
    Answer{"image pull", "--retry --retry-delay --disable-content-trust --decryption-key", "it is not needed"},
    Answer{"image load", "-i --input", "the file is the operand: podrun image load FILE"},
    Answer{"image load", "--signature-policy", "it is /etc/containers/policy.json"},
    Answer{"image rm", "-f --force", "the last name of an image that a pod uses stays; podrun stop ends the pod"},
    Answer{"image rm", "-a --all", "instead: podrun image prune -a"},
    Answer{"image prune", "--filter --build-cache --external", "it removes what no pod uses; --dry-run shows that"},
    Answer{"run", "--force-recreate --force --recreate", "--replace stops the pod of the same name first"},
    Answer{"run", "--wait --wait-timeout --timeout", "-d returns when all containers have started"},
    Answer{"run", "--down", "instead: podrun stop -f FILE"},
    Answer{"run", "--configmap", "files with ConfigMaps are further FILEs"},
    Answer{"run", "--dry-run", "instead: podrun check FILE, or podrun plan FILE"},
    Answer{"run", "--scale --replicas", "each pod runs once"},
    Answer{"run check plan script", "-R --recursive -k --kustomize", "a FOLDER stands for the manifests in it"},
    Answer{"check plan script", "-q --quiet", "the exit status is 0 if all is right"},
    Answer{"stop", "--force --now --kill", "-t 0 kills at once"},
    Answer{"stop", "-s --signal", "containers are asked to end by SIGTERM"},
    Answer{"rm", "--stop -s", "-f stops pods that run first"},
    Answer{"stop rm", "-v --volumes", "volumes outlive pods; podrun volumes rm NAME removes one"},
    Answer{"stop rm", "--ignore --ignore-not-found -i",
           "a pod that is not there gives the exit status 4, and the others are stopped or removed all the same"},
    Answer{"stop rm", "--wait --remove-orphans --rmi --cascade -r -R --recursive", "it is not needed"},
    Answer{"volumes", "-f --force", "a claim that a running pod uses is not removed; podrun stop ends the pod"},
    Answer{"ps", "-w --watch", "instead: watch podrun ps"},
    Answer{"ps", "--format --no-trunc --no-headers --show-labels --sort-by -s --size --pod --services",
           "-q prints only names, and -o json all that is known"},
    Answer{"ps", "--ns --namespaces", "instead: podrun ns NAME"},
    Answer{"logs", "--limit-bytes --details --max-log-requests --ignore-errors",
           "--tail, --since and --until limit what is shown"},
    Answer{"logs", "--no-color --color --no-log-prefix --names",
           "colours are left out if NO_COLOR is set, and prefixes if there is one container"},
    Answer{"exec debug", "-u --user", "a command of exec runs as the user of its container"},
    Answer{"exec debug", "-e --env --env-file", "instead: podrun exec NAME -- env VARIABLE=VALUE COMMAND"},
    Answer{"exec debug", "-w --workdir", "instead: podrun exec NAME -- sh -c 'cd DIRECTORY && COMMAND'"},
    Answer{"exec debug", "-d --detach", "instead: podrun exec NAME -- COMMAND &"},
    Answer{"exec", "-T --no-tty --no-TTY", "it is not needed: without -t the command has no terminal"},
    Answer{"exec", "--privileged", "podrun exec --root host enters the container with the caller's rights"},
    Answer{"debug", "--copy-to --share-processes --profile --replace --same-node --attach",
           "debug runs an image beside a container of a pod that runs"},
    Answer{"attach", "--no-stdin --sig-proxy --detach-keys --pod-running-timeout",
           "it is not needed: without -i attach only shows, and Ctrl-C leaves"},
    Answer{"ps", "-f --file --filename -p --project-name", "ps lists all pods that run; NAME picks some"},
    Answer{"logs attach exec debug ns timeline", "-f --file --filename -p --project-name",
           "a pod is named by its NAME, which podrun ps shows"},
    Answer{"*", "-l --selector --latest --filter", "pods are chosen by their names"},
    Answer{"*", "--kubeconfig --context --cluster --server --host -H", "there is no cluster and no server"},
    Answer{"*", "--project-name", "-n NAMESPACE keeps pods of the same name apart"},
    Answer{"*", "--dry-run", "podrun check FILE and podrun plan FILE start nothing"},
    Answer{"*", "-A --all-namespaces", "-n names one namespace, and NAMESPACE/NAME a pod of another"},
    Answer{"*", "--format", "-o json is for programs"},
    Answer{"", "-v -V --client --short", "instead: podrun --version"},
};

}  // namespace

std::string_view answer_to_foreign_option(std::string_view verb, std::string_view option) {
  for (const Answer& answer : answers)
    if ((answer.verbs == verb || answer.verbs == "*" || is_word_of(answer.verbs, verb)) &&
        is_word_of(answer.options, option))
      return answer.text;
  return "";
}

}  // namespace podrun::supervisor
