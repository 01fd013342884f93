/**
 * A C program that makes a scenario's system calls on the kernel it runs on, and says for each which errno that kernel gave and
 * which the model gives. Ids and descriptors that calls give are kept in variables, so it works where they are other numbers.
 */
import { plural } from "../../../base/format.ts";
import { ERRNO } from "../../../kernel/errno.ts";
import { EngineError } from "../../views.ts";
import type { AnsweredCall } from "../answers.ts";
import type { History } from "../../history.ts";
import { HELPERS, NEEDS, type HelperName } from "./helpers.ts";
import type { Written, Writer } from "./ioctl.ts";
import { iommufdWriters } from "./iommufd.ts";
import { memoryOf, memoryText, type UserRange } from "./memory.ts";
import { processWriters } from "./process.ts";
import { Program, type CallToWrite } from "./program.ts";
import { numberText, structText } from "./structs.ts";
import { testWriters } from "./test-ops.ts";
import { vfioWriters } from "./vfio.ts";
import { literal, remark, wrapped } from "./words.ts";

const WRITERS = new Map<string, Writer>(Object.entries({ ...iommufdWriters, ...testWriters, ...vfioWriters, ...processWriters }));
/** More calls than this make no program that anybody reads or compiles. */
const MOST_CALLS = 20_000;

/** Is a call of this name a system call (or one that this program makes as such)? */
export function isSystemCall(name: string): boolean {
  return WRITERS.has(name);
}

interface Step extends CallToWrite {
  written: Written;
  line: string;
  reason: string;
}

/** The program. Throws EngineError when none of the calls is a system call, or when they are too many. */
export function cProgram(history: History, calls: Iterable<AnsweredCall>, about: { link: string | null }): string {
  if (history.length > MOST_CALLS) throw new EngineError(`A C program is made of at most ${MOST_CALLS.toLocaleString("en")} calls; this scenario has ${history.length.toLocaleString("en")}.`);
  const { scenario } = history;
  const steps: Step[] = [];
  const leftOut = new Map<string, number>();
  let program: Program | null = null;
  const ranges: UserRange[] = [];
  const forks = new Set<number>();
  const all = [...calls];
  const hasForks = all.some(({ call }) => call.call === "FORK");
  for (const { step, call, made, line, reason } of all) {
    program ??= new Program(history.config, { forks: hasForks });
    const writer = WRITERS.get(call.call);
    if (!writer || made.problem !== null || !made.def) {
      leftOut.set(call.call, (leftOut.get(call.call) ?? 0) + 1);
      continue;
    }
    const process = made.def.fields.process === undefined && typeof call.in.process === "number" ? call.in.process : 0;
    const toWrite: CallToWrite = { step, name: call.call, fields: made.fields, answer: made.answer, process };
    const used = scenario.buffers ? null : memoryOf(toWrite, call.given);
    if (used) ranges.push(used);
    const child = call.call === "FORK" ? made.answer.out?.process : undefined;
    if (typeof child === "number") forks.add(child);
    steps.push({ ...toWrite, written: writer(program, toWrite), line, reason });
  }
  if (!program || steps.length === 0) throw new EngineError("None of its calls is a system call: they are made inside the kernel, so a C program can't make them.");
  return programText(program, steps, { title: scenario.title, platform: history.config.platform.name, kernel: history.config.kernel, kind: scenario.platform.kind, leftOut, ranges, forks, link: about.link });
}

interface About {
  title: string;
  platform: string;
  kernel: string;
  kind: string;
  leftOut: ReadonlyMap<string, number>;
  ranges: UserRange[];
  forks: ReadonlySet<number>;
  link: string | null;
}

function programText(program: Program, steps: Step[], about: About): string {
  const functions = steps.map((step) => stepText(step));
  if (program.usesIommufd) program.variable("iommufd", "int");
  const helpers = helperText(program);
  const memory = memoryText(program, about.ranges);
  const processes = about.forks.size === 0 ? [] : [PROCESSES(Math.max(...about.forks) + 1, steps.some(({ name }) => name === "PROCESS_EXIT"))];
  const checks = functions.some((body) => body.includes("\tsame(")) ? [SAME(program)] : [];
  const parts = [
    headText(program, steps, about), INCLUDES, numberText(program.numbers), structText(program.structs), stateText(program, about.forks.size > 0), ...(program.devices.size > 0 ? [DEVICES(program)] : []), TOLD(program), ...checks,
    ...processes, ...helpers, ...memory.declarations, ...functions, stepList(steps), ...(processes.length > 0 ? [ORDER(steps)] : []), mainText(program, steps, memory.statements, about.forks),
  ];
  return `${parts.filter((part) => part !== "").join("\n\n")}\n`;
}

function headText(program: Program, steps: Step[], about: About): string {
  const lines = [
    ...wrapped(about.title === "" ? "A scenario" : about.title, ""), "",
    "Written by iovascope. It makes the calls of a scenario on the kernel it runs on, and prints for each", "which errno that kernel gave and which the model gives; it ends with 1 when they differ anywhere.", "",
    `The model: ${remark(about.platform)}, Linux ${remark(about.kernel)}.`, "Build: cc -Wall -Wextra -o scenario scenario.c", "",
    ...needs(program, about).flatMap((need) => wrapped(need, "")), ...wrapped(LICENCE, ""), ...leftOutText(about.leftOut), ...(about.link === null ? [] : ["", ...linkLines(about.link)]),
  ];
  return `/* SPDX-License-Identifier: MIT */\n/*\n${lines.map((line) => ` * ${line}`.trimEnd()).join("\n")}\n */\n/* ${plural(steps.length, "call")} */`;
}

const LICENCE = "The structures below are those of the kernel's user interface, written down here because distributions' headers lag behind.";

function needs(program: Program, about: About): string[] {
  const found = ["It needs root."];
  if (program.usesIommufd) found.push("It needs /dev/iommu (CONFIG_IOMMUFD).");
  if (program.numbers.has("IOMMU_TEST_CMD")) found.push("It needs the kernel's test device: CONFIG_IOMMUFD_TEST, and no other user of it. Never on a machine that matters: that option is for test kernels.");
  if (program.devices.size > 0) found.push(`Its devices are bound to vfio-pci. Name their files as arguments if they are not ${[...program.devices.values()].map(remark).join(", ")}, in this order.`);
  if (about.kind !== "mock" && program.devices.size + program.variables.size > 0) found.push("Reserved regions and address widths are those of the machine it runs on: where they are not the model's, answers may differ.");
  if (about.ranges.length > 0) found.push("Memory that calls name is mapped where the log had it. Mapping large guests pins that memory.");
  return found;
}

/** A link may be long: it is cut into lines that a person can join. */
function linkLines(link: string): string[] {
  const plain = link.replaceAll(/[^\x21-\x7e]/g, "").replaceAll("*/", "").slice(0, 4000);
  return ["The scenario:", ...(plain.match(/.{1,110}/g) ?? [])];
}

function leftOutText(leftOut: ReadonlyMap<string, number>): string[] {
  if (leftOut.size === 0) return [];
  const list = [...leftOut].slice(0, 20).map(([name, count]) => `${remark(name)}${count > 1 ? ` (${count} times)` : ""}`);
  return ["", ...wrapped(`Left out, since they are no system calls or can't be made: ${list.join(", ")}${leftOut.size > 20 ? ` and ${leftOut.size - 20} more names` : ""}.`, "")];
}

const INCLUDES = `#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#ifndef MAP_FIXED_NOREPLACE
#define MAP_FIXED_NOREPLACE 0x100000
#endif

typedef uint64_t u64 __attribute__((aligned(8)));`;

/** Everything that steps hand on to later ones; of all processes together when there are several. */
function stateText(program: Program, shared: boolean): string {
  const fields = [...program.variables].map(([name, type]) => `\t${type} ${name};`);
  return `/* What earlier calls gave: ids and descriptors. */\nstatic struct {\n\tint differences;\n${fields.join("\n")}${fields.length > 0 ? "\n" : ""}} ${shared ? "*ids" : "ids"};`;
}

const DEVICES = (program: Program): string => `static char **paths;
static int path_count;

static const char *device_path(int number)
{
	static const char *const usual[] = { ${[...program.devices.values()].map(literal).join(", ")} };

	return number < path_count ? paths[number] : usual[number];
}`;

const TOLD = (program: Program): string => `static const char *error_name(int error)
{
	static const struct { int number; const char *name; } names[] = {
		${Object.entries(ERRNO).map(([name, number]) => `{ ${number}, "${name}" }`).join(", ").replaceAll(/(.{80,110}?), (?=\{)/g, "$1,\n\t\t")},
	};
	static char other[32];

	if (error == 0)
		return "OK";
	for (size_t at = 0; at < sizeof(names) / sizeof(names[0]); at++)
		if (names[at].number == error)
			return names[at].name;
	snprintf(other, sizeof(other), "errno %d", error);
	return other;
}

/* Says how a call came out, and what the model says. */
static void told(int step, const char *call, int rc, int model, const char *why)
{
	int error = rc < 0 ? errno : 0;

	printf("%4d %-34s kernel %-12s", step, call, error_name(error));
	printf(" model %-12s%s%s%s\\n", error_name(model), error == model ? "" : " DIFFERS", *why ? "  " : "", why);
	if (error != model)
		${program.ids}differences++;
}`;

const SAME = (program: Program): string => `/* Numbers that a call gave: addresses that the kernel chose depend on where the program's memory is. */
static void same(int step, const char *what, u64 kernel, u64 model)
{
	if (kernel == model)
		return;
	printf("%4d   %s: kernel 0x%llx, model 0x%llx\\n", step, what, (unsigned long long)kernel, (unsigned long long)model);
	${program.ids}differences++;
}`;

function helperText(program: Program): string[] {
  const wanted = new Set<HelperName>(program.helpers);
  for (const name of program.helpers) {
    for (const inner of NEEDS[name]?.helpers ?? []) wanted.add(inner);
    for (const struct of NEEDS[name]?.structs ?? []) program.struct(struct);
    for (const number of NEEDS[name]?.numbers ?? []) program.number(number);
  }
  return (Object.keys(HELPERS) as HelperName[]).filter((name) => wanted.has(name)).map((name) => HELPERS[name]);
}

function stepText({ step, name, written, answer, line, reason }: Step): string {
  const good = (written.good ?? []).filter((statement) => statement !== "");
  const errno = answer.errno === "OK" ? 0 : (ERRNO as Readonly<Record<string, number>>)[answer.errno] ?? 0;
  const body = [
    ...written.before, `int rc = ${written.call};`, "", `told(${step}, ${literal(name)}, rc, ${errno}, ${literal(reason)});`,
    ...(good.length === 0 ? [] : good.length === 1 ? ["if (rc >= 0)", `\t${good[0]}`] : ["if (rc >= 0) {", ...good.map((statement) => `\t${statement}`), "}"]), ...(written.finally ?? []),
  ];
  return `${wrapped(`${step}. ${line}`, " * ").map((row, index) => (index === 0 ? `/*${row.slice(2)}` : row)).join("\n")} */\nstatic void step_${step}(void)\n{\n${body.map((statement) => (statement === "" ? "" : `\t${statement}`)).join("\n")}\n}`;
}

function stepList(steps: Step[]): string {
  return `static void (*const steps[])(void) = {\n${rows(steps.map(({ step }) => `step_${step}`))}\n};`;
}

function rows(words: string[]): string {
  const lines: string[] = [];
  for (let at = 0; at < words.length; at += 10) lines.push(`\t${words.slice(at, at + 10).join(", ")},`);
  return lines.join("\n");
}

const ORDER = (steps: Step[]): string => `static const int makers[] = {\n${rows(steps.map(({ process }) => String(process)))}\n};`;

/** A child makes its calls when told to, one at a time: the order is that of the scenario. */
const PROCESSES = (count: number, ends: boolean): string => `static void (*const *all_steps)(void);
static int orders[${count}][2], replies[${count}][2];
static pid_t children[${count}];

static void serve(int number)
{
	int step;

	while (read(orders[number][0], &step, sizeof(step)) == sizeof(step) && step >= 0) {
		all_steps[step]();
		if (write(replies[number][1], &step, sizeof(step)) != sizeof(step))
			break;
	}
	_exit(0);
}

static int start_child(int number)
{
	children[number] = fork();
	if (children[number] == 0)
		serve(number);
	return children[number] < 0 ? -1 : 0;
}

static void make_in(int number, int step)
{
	int reply;

	if (write(orders[number][1], &step, sizeof(step)) != sizeof(step) || read(replies[number][0], &reply, sizeof(reply)) != sizeof(reply))
		printf("process %d does not answer\\n", number);
}${ends ? `

static int end_child(int number)
{
	int none = -1;

	if (number < 0 || number >= ${count} || write(orders[number][1], &none, sizeof(none)) != sizeof(none))
		return -1;
	return waitpid(children[number], NULL, 0) < 0 ? -1 : 0;
}` : ""}`;

function mainText(program: Program, steps: Step[], memory: string[], forks: ReadonlySet<number>): string {
  const shared = forks.size > 0;
  const lines = [
    "setvbuf(stdout, NULL, _IONBF, 0);",
    ...(shared ? ["all_steps = steps;", "ids = mmap(NULL, sizeof(*ids), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);", "if (ids == MAP_FAILED)", "\treturn 2;"] : []),
    ...(shared ? [`for (int number = 0; number < ${Math.max(...forks) + 1}; number++)`, "\tif (pipe(orders[number]) < 0 || pipe(replies[number]) < 0)", "\t\treturn 2;"] : []),
    ...(program.devices.size > 0 ? ["paths = argv + 1;", "path_count = argc - 1;"] : []),
    ...memory,
    ...(program.usesIommufd ? [`${program.ids}iommufd = open("/dev/iommu", O_RDWR);`, `if (${program.ids}iommufd < 0) {`, '\tperror("/dev/iommu");', "\treturn 2;", "}"] : []),
    "for (size_t at = 0; at < sizeof(steps) / sizeof(steps[0]); at++)",
    ...(shared ? ["\tif (makers[at] == 0)", "\t\tsteps[at]();", "\telse", "\t\tmake_in(makers[at], (int)at);"] : ["\tsteps[at]();"]),
    `printf("${steps.length} calls, %d differences\\n", ${program.ids}differences);`, `return ${program.ids}differences ? 1 : 0;`,
  ];
  const signature = program.devices.size > 0 ? "int main(int argc, char **argv)" : "int main(void)";
  return `${signature}\n{\n${lines.map((line) => `\t${line}`).join("\n")}\n}`;
}
