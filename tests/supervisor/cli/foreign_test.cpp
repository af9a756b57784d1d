// Verbs and options of podman, docker, Compose, nerdctl and kubectl that podrun does not have, and what it answers.
#include "tests/supervisor/cli/command_lines.hpp"

namespace podrun::supervisor {
namespace {

using test::error_in, test::words_of_line;

// The verbs of kubectl 1.35, podman 5, docker 28, Compose 2 and nerdctl 2.
const std::string kubectl =
    "create expose run set explain get edit delete rollout scale autoscale certificate cluster-info top cordon "
    "uncordon drain taint describe logs attach exec port-forward proxy cp auth debug events diff apply patch replace "
    "wait kustomize label annotate completion api-resources api-versions config plugin version options alpha kuberc";
const std::string podman =
    "artifact attach auto-update build commit compose container cp create diff events exec export farm generate "
    "healthcheck help history image images import info init inspect kill kube load login logout logs machine manifest "
    "mount network pause play pod port ps pull push quadlet rename restart rm rmi run save search secret start stats "
    "stop system tag top umount unmount unpause unshare untag update version volume volumes wait";
const std::string docker =
    "run exec ps build bake pull push images login logout search version info builder buildx checkpoint compose "
    "container context image manifest network plugin system volume swarm config node secret service stack trust ai "
    "debug desktop extension init mcp model offload pass sandbox sbom scout attach commit cp create diff events export "
    "history import inspect kill load logs pause port rename restart rm rmi save start stats stop tag top unpause "
    "update wait";
const std::string compose =
    "alpha attach bridge build commit config convert cp create down events exec export images kill logs ls pause port "
    "ps publish pull push restart rm run scale start stats stop top unpause up version viz volumes wait watch";
const std::string nerdctl =
    "run exec attach create cp ps inspect logs port stop start restart update wait kill pause unpause rename stats top "
    "build commit image images pull push load save tag rmi history diff convert encrypt decrypt network volume "
    "namespace events info version system login logout search internal ipfs apparmor builder compose container "
    "manifest healthcheck export import checkpoint rm";

TEST(ForeignVerbs, EachVerbOfOtherProgramsIsAcceptedOrAnswered) {
  for (const std::string& program : {kubectl, podman, docker, compose, nerdctl})
    for (const std::string& verb : words_of_line(program)) {
      const std::string error = error_in(verb);
      EXPECT_EQ(error.find("is neither a verb nor a file"), std::string::npos) << error;
    }
}

struct Row {
  std::string line;
  std::string answer;
};

TEST(ForeignVerbs, TheAnswerHasTheNamesThatWereTyped) {
  const std::vector<Row> rows{
      {"get pods", "\"get\" is not a verb of podrun; instead: podrun ps"},
      {"get pods -n shop", "\"get\" is not a verb of podrun; instead: podrun ps -n shop"},
      {"get pod web -o yaml", "\"get\" is not a verb of podrun; instead: podrun ps web -o json"},
      {"get pod/web", "\"get\" is not a verb of podrun; instead: podrun ps web"},
      {"get pvc", "\"get\" is not a verb of podrun; instead: podrun volumes"},
      {"describe pod web",
       "\"describe\" is not a verb of podrun; instead: podrun status web; podrun why says what is wrong with it"},
      {"describe pod web -n shop",
       "\"describe\" is not a verb of podrun; instead: podrun status shop/web; podrun why says what is wrong with it"},
      {"inspect web",
       "\"inspect\" is not a verb of podrun; instead: podrun status web; podrun why says what is wrong with it"},
      {"apply -f web.yaml", "\"apply\" is not a verb of podrun; instead: podrun run -d web.yaml"},
      {"create --filename=web.yaml", "\"create\" is not a verb of podrun; instead: podrun run -d web.yaml"},
      {"kube play web.yaml", "\"kube\" is not a verb of podrun; instead: podrun run -d web.yaml"},
      {"play kube web.yaml", "\"play\" is not a verb of podrun; instead: podrun run -d web.yaml"},
      {"--root /srv kube play -n shop web.yaml",
       "\"kube\" is not a verb of podrun; instead: podrun --root /srv run -d web.yaml -n shop"},
      {"--root=/srv -f web.yaml compose up",
       "\"compose\" is not a verb of podrun; instead: podrun --root /srv up -f web.yaml"},
      {"--root /srv top web",
       "\"top\" is not a verb of podrun; instead: podrun --root /srv exec -it web -- top; the image must have that "
       "program"},
      {"delete --root /r web",
       "\"delete\" is not a verb of podrun; instead: podrun --root /r stop web; podrun rm removes the logs of a "
       "stopped pod"},
      {"kube down web.yaml", "\"kube\" is not a verb of podrun; instead: podrun stop -f web.yaml"},
      {"delete pod web",
       "\"delete\" is not a verb of podrun; instead: podrun stop web; podrun rm removes the logs of a stopped pod"},
      {"delete -f web.yaml",
       "\"delete\" is not a verb of podrun; instead: podrun stop web.yaml; podrun rm removes the logs of a stopped "
       "pod"},
      {"restart web",
       "\"restart\" is not a verb of podrun; instead: podrun run -d --replace FILE; a pod is started anew from its "
       "manifest"},
      {"top web",
       "\"top\" is not a verb of podrun; instead: podrun exec -it web -- top; the image must have that program"},
      {"pod ps", "\"pod\" is not a verb of podrun; instead: podrun ps"},
      {"pod stop web", "\"pod\" is not a verb of podrun; instead: podrun stop web"},
      {"container exec -it web sh", "\"container\" is not a verb of podrun; instead: podrun exec -it web sh"},
      {"compose -f web.yaml up -d", "\"compose\" is not a verb of podrun; instead: podrun up -f web.yaml -d"},
      {"pod inspect web",
       "\"pod\" is not a verb of podrun; instead: podrun status web; podrun why says what is wrong with it"},
      {"volume ls", "\"volume\" is not a verb of podrun; instead: podrun volumes"},
      {"volume rm data", "\"volume\" is not a verb of podrun; instead: podrun volumes rm data"},
      {"sh web", "\"sh\" is not a verb of podrun; instead: podrun exec -it web -- sh"},
      {"port web",
       "\"port\" is not a verb of podrun; instead: podrun ps -o wide web; it shows the addresses and ports of the pod"},
      {"pause web", "\"pause\" is not a verb of podrun: a pod cannot be paused"},
      {"cp web:/etc/hosts .",
       "\"cp\" is not a verb of podrun: podrun exec NAME -- cat PATH > FILE, or podrun exec -i NAME -- sh -c 'cat > "
       "PATH' < FILE"}};
  for (const Row& row : rows) EXPECT_EQ(error_in(row.line), row.answer) << row.line;
}

TEST(ForeignVerbs, AKindOrAnOptionMayChangeTheAnswer) {
  const std::vector<Row> rows{
      {"get pods -o wide", "\"get\" is not a verb of podrun; instead: podrun ps -o wide"},
      {"get pods -A -o name", "\"get\" is not a verb of podrun; instead: podrun ps -q"},
      {"get pods -w", "\"get\" is not a verb of podrun; instead: watch podrun ps; podrun events -f tells each change "
       "of one"},
      {"get svc",
       "\"get\" is not a verb of podrun: podrun network shows the names of pods; a Service is a name of the "
       "pods that it selects: podrun-network(7)"},
      {"describe svc/web",
       "\"describe\" is not a verb of podrun: podrun network shows the names of pods; a Service is a name of the "
       "pods that it selects: podrun-network(7)"},
      {"delete service web",
       "\"delete\" is not a verb of podrun: podrun network shows the names of pods; a Service is a name of the "
       "pods that it selects: podrun-network(7)"},
      {"get cm",
       "\"get\" is not a verb of podrun: Secrets and ConfigMaps are documents in the pod's manifest or in "
       "another FILE of podrun run"},
      {"get secret token -o yaml",
       "\"get\" is not a verb of podrun: Secrets and ConfigMaps are documents in the pod's manifest or in "
       "another FILE of podrun run"},
      {"create configmap a",
       "\"create\" is not a verb of podrun: Secrets and ConfigMaps are documents in the pod's manifest or in "
       "another FILE of podrun run"},
      {"create secret generic a",
       "\"create\" is not a verb of podrun: Secrets and ConfigMaps are documents in the pod's manifest or in "
       "another FILE of podrun run"},
      {"get ns",
       "\"get\" is not a verb of podrun: a namespace is a part of a pod's name: it is there while a pod has it, "
       "and -n NAMESPACE picks it"},
      {"delete ns shop",
       "\"delete\" is not a verb of podrun: a namespace is a part of a pod's name: it is there while a pod has "
       "it, and -n NAMESPACE picks it"},
      {"create namespace shop",
       "\"create\" is not a verb of podrun: a namespace is a part of a pod's name: it is there while a pod has "
       "it, and -n NAMESPACE picks it"},
      {"get storageclass", "\"get\" is not a verb of podrun: there is no cluster and no API server, only this host"},
      {"config view", "\"config\" is not a verb of podrun: there is no cluster and no API server, only this host"},
      {"delete pvc data", "\"delete\" is not a verb of podrun; instead: podrun volumes rm data"},
      {"delete pods --all",
       "\"delete\" is not a verb of podrun; instead: podrun stop --all; podrun rm --all removes the logs of "
       "stopped pods"},
      {"kube play --down web.yaml", "\"kube\" is not a verb of podrun; instead: podrun stop -f web.yaml"},
      {"kube play --replace web.yaml", "\"kube\" is not a verb of podrun; instead: podrun run -d --replace web.yaml"},
      {"apply --dry-run=server -f web.yaml",
       "\"apply\" is not a verb of podrun; instead: podrun check web.yaml; podrun plan shows every step of the "
       "start"},
      {"apply -k overlay", "\"apply\" is not a verb of podrun; instead: podrun run -d FILE"},
      {"kill -s HUP web",
       "\"kill\" is not a verb of podrun; instead: podrun stop -t 0 web; podrun exec NAME -- kill -HUP 1 sends "
       "another signal, here HUP"},
      {"compose up -d", "\"compose\" is not a verb of podrun; instead: podrun up -d FILE"},
      {"compose down", "\"compose\" is not a verb of podrun; instead: podrun down NAME"},
      {"compose ps", "\"compose\" is not a verb of podrun; instead: podrun ps"},
      {"rollout status deployment/web", "\"rollout\" is not a verb of podrun; instead: podrun ps web"},
      {"kill web",
       "\"kill\" is not a verb of podrun; instead: podrun stop -t 0 web; podrun exec NAME -- kill -HUP 1 sends "
       "another signal, here HUP"}};
  for (const Row& row : rows) EXPECT_EQ(error_in(row.line), row.answer) << row.line;
}

TEST(ForeignVerbs, AMistypedVerbNeverSuggestsOneThatEndsOrRemoves) {
  for (const std::string line : {"sotp web", "stpo web", "stopp web", "rn web", "rmm web", "rem web", "volume-rm web",
                                 "tsop web", "r web", "volums rm a", "dwon web"}) {
    const std::string error = error_in(line);
    EXPECT_NE(error, "") << line;
    for (const std::string verb : {"\"stop\"", "\"rm\"", "\"volumes\"", "\"down\""})
      EXPECT_EQ(error.find("did you mean " + verb), std::string::npos) << error;
  }
}

TEST(ForeignOptions, AnOptionOfAnotherProgramIsAnswered) {
  const std::vector<Row> rows{
      {"run --name web web.yaml", "run: unknown option \"--name\": the manifest's metadata.name is the pod's name"},
      {"run --name=web web.yaml", "run: unknown option \"--name\": the manifest's metadata.name is the pod's name"},
      {"run -detach web.yaml", "run: unknown option \"-detach\"; did you mean \"--detach\"?"},
      {"exec --user=root web id",
       "exec: unknown option \"--user\": a command of exec runs as the user of its container"},
      {"rm -rf web", "rm: unknown option \"-r\": it is not needed"},
      {"run --rm web.yaml",
       "run: unknown option \"--rm\": when a pod has ended only its logs are left; podrun rm NAME removes them"},
      {"run -dit web.yaml",
       "run: unknown option \"-i\": the manifest says stdin: true and tty: true, and podrun attach -it NAME connects "
       "to the container"},
      {"run --down web.yaml", "run: unknown option \"--down\": instead: podrun stop -f FILE"},
      {"up --force-recreate web.yaml",
       "run: unknown option \"--force-recreate\": --replace stops the pod of the same name first"},
      {"logs -A web", "logs: unknown option \"-A\": -n names one namespace, and NAMESPACE/NAME a pod of another"},
      {"ps -w", "ps: unknown option \"-w\": instead: watch podrun ps"},
      {"ps --format json", "ps: unknown option \"--format\": -q prints only names, and -o json all that is known"},
      {"stop --signal KILL web", "stop: unknown option \"--signal\": containers are asked to end by SIGTERM"},
      {"logs -l app=web", "logs: unknown option \"-l\": pods are chosen by their names"},
      {"exec -u root web id", "exec: unknown option \"-u\": a command of exec runs as the user of its container"},
      {"exec -e A=b web env", "exec: unknown option \"-e\": instead: podrun exec NAME -- env VARIABLE=VALUE COMMAND"},
      {"ps --context prod", "ps: unknown option \"--context\": there is no cluster and no server"},
      {"-v", "unknown option \"-v\": instead: podrun --version"}};
  for (const Row& row : rows) EXPECT_EQ(error_in(row.line), row.answer) << row.line;
}

TEST(ForeignVerbs, KindsThatAreNoPodsAreNeverTakenForNames) {
  for (const std::string verb : {"get", "describe", "delete", "create", "edit"})
    for (const std::string kind : {"svc", "services", "cm", "secrets", "ns", "namespace", "sa", "roles", "hpa", "crd"})
      for (const std::string& line : {verb + " " + kind, verb + " " + kind + " a", verb + " " + kind + "/a"})
        EXPECT_EQ(error_in(line).find("instead: podrun"), std::string::npos) << error_in(line);
}

TEST(Options, AnOptionIsNotTheValueOfAnother) {
  EXPECT_EQ(error_in("stop -f --all"), "stop: --file needs a value");
  EXPECT_EQ(error_in("stop -f --root /srv"), "stop: --file needs a value");
  EXPECT_EQ(error_in("logs web -n -f"), "logs: --namespace needs a value");
  EXPECT_EQ(error_in("rm -t -f web"), "rm: --grace-period needs a value");
  EXPECT_EQ(error_in("logs --tail -1 web"), "");
  EXPECT_EQ(error_in("run -f - "), "");
}

}  // namespace
}  // namespace podrun::supervisor
