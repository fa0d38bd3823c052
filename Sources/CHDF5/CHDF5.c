#define _GNU_SOURCE
#include "CHDF5.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#if __has_include(<hdf5/serial/hdf5.h>)
#include <hdf5/serial/hdf5.h>
#else
#include <hdf5.h>
#endif

// One entry for each function used; the types come from HDF5's own header.
#define HDF5_FUNCTIONS(entry)                                                                      \
  entry(H5open) entry(H5Eset_auto2) entry(H5PLset_loading_state) entry(H5Pcreate)                 \
  entry(H5Pset_fapl_core) entry(H5Pset_file_image) entry(H5Fopen) entry(H5Gget_info)              \
  entry(H5Lget_name_by_idx) entry(H5Oopen) entry(H5Iget_type) entry(H5Oclose)                     \
  entry(H5Dget_space) entry(H5Dget_type) entry(H5Dget_create_plist) entry(H5Pget_layout)          \
  entry(H5Pget_external_count) entry(H5Sget_simple_extent_ndims)                                  \
  entry(H5Sget_simple_extent_dims) entry(H5Sget_simple_extent_npoints) entry(H5Tget_class)        \
  entry(H5Tget_size) entry(H5Tis_variable_str) entry(H5Dread) entry(H5Aopen_by_idx)               \
  entry(H5Aget_name) entry(H5Aget_type) entry(H5Aget_space) entry(H5Aread) entry(H5Aclose)        \
  entry(H5Tclose) entry(H5Sclose) entry(H5Pclose)

#define DECLARE(name) __typeof__(name) *name##_;
static struct {
  HDF5_FUNCTIONS(DECLARE)
  herr_t (*link_info)(hid_t, const char *, void *, hid_t);
  hid_t *file_access, *native_float, *native_double;
} hdf5;

static pthread_once_t once = PTHREAD_ONCE_INIT;
static int is_loaded = 0;

static void load(void) {
  static const char *const names[] = {
      "libhdf5_serial.so.103", "libhdf5_serial.so.310", "libhdf5.so.103", "libhdf5.so.200",
      "libhdf5.so.310",        "libhdf5_serial.so",     "libhdf5.so"};
  void *library = NULL;
  for (size_t i = 0; i < sizeof names / sizeof *names && !library; i++) {
    library = dlopen(names[i], RTLD_NOW | RTLD_LOCAL);
  }
  if (!library) return;
  int found = 1;
#define FIND(name)                                                                                 \
  hdf5.name##_ = (__typeof__(name) *)dlsym(library, #name);                                        \
  if (!hdf5.name##_) found = 0;
  HDF5_FUNCTIONS(FIND)
  // 1.12 gave this function a number; the structure stayed.
  *(void **)&hdf5.link_info = dlsym(library, "H5Lget_info");
  if (!hdf5.link_info) *(void **)&hdf5.link_info = dlsym(library, "H5Lget_info1");
  hdf5.file_access = dlsym(library, "H5P_CLS_FILE_ACCESS_ID_g");
  hdf5.native_float = dlsym(library, "H5T_NATIVE_FLOAT_g");
  hdf5.native_double = dlsym(library, "H5T_NATIVE_DOUBLE_g");
  is_loaded = found && hdf5.link_info && hdf5.file_access && hdf5.native_float &&
              hdf5.native_double;
}

int chdf5_available(void) {
  pthread_once(&once, load);
  return is_loaded;
}

// ---------------------------------------------------------------- In the child

enum { deepest = 16, most_objects = 20000, most_attributes = 256, longest_path = 4096 };

static int output = -1;
static size_t allowance = 0;
static int object_count = 0;

static void leave(chdf5_outcome outcome) { _exit((int)outcome); }

static void put(const void *bytes, size_t size) {
  if (size > allowance) leave(CHDF5_TOO_LARGE);
  allowance -= size;
  const char *from = bytes;
  while (size > 0) {
    ssize_t written = write(output, from, size);
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) leave(CHDF5_NOT_READ);
    from += written;
    size -= (size_t)written;
  }
}

static void put32(size_t number) {
  if (number > UINT32_MAX) leave(CHDF5_TOO_LARGE);
  uint32_t value = (uint32_t)number;
  put(&value, sizeof value);
}

static void put_text(const char *text, size_t size) {
  put32(size);
  put(text, size);
}

/// Memory for what is about to be sent: never more than may be.
static void *take(size_t count, size_t size) {
  if (size && count > allowance / size) leave(CHDF5_TOO_LARGE);
  void *memory = calloc(count ? count : 1, size ? size : 1);
  if (!memory) leave(CHDF5_TOO_LARGE);
  return memory;
}

static void send_attribute(hid_t attribute) {
  char name[512] = {0};
  ssize_t length = hdf5.H5Aget_name_(attribute, sizeof name, name);
  hid_t type = hdf5.H5Aget_type_(attribute);
  hid_t space = hdf5.H5Aget_space_(attribute);
  hssize_t found = hdf5.H5Sget_simple_extent_npoints_(space);
  if (length <= 0 || length >= (ssize_t)sizeof name || type < 0 || space < 0 || found < 0) return;
  size_t count = (size_t)found;
  size_t size = hdf5.H5Tget_size_(type);
  H5T_class_t class = hdf5.H5Tget_class_(type);
  if (class == H5T_STRING && hdf5.H5Tis_variable_str_(type) > 0) {
    char **texts = take(count, sizeof *texts);
    if (hdf5.H5Aread_(attribute, type, texts) < 0) return;
    put("S", 1);
    put_text(name, (size_t)length);
    put32(count);
    for (size_t i = 0; i < count; i++) put_text(texts[i] ? texts[i] : "", texts[i] ? strlen(texts[i]) : 0);
    free(texts);
  } else if (class == H5T_STRING) {
    if (size && count > allowance / size) leave(CHDF5_TOO_LARGE);
    char *texts = take(count * size, 1);
    if (hdf5.H5Aread_(attribute, type, texts) < 0) return;
    put("S", 1);
    put_text(name, (size_t)length);
    put32(count);
    for (size_t i = 0; i < count; i++) put_text(texts + i * size, strnlen(texts + i * size, size));
    free(texts);
  } else if (class == H5T_INTEGER || class == H5T_FLOAT) {
    double *numbers = take(count, sizeof *numbers);
    if (hdf5.H5Aread_(attribute, *hdf5.native_double, numbers) < 0) return;
    put("N", 1);
    put_text(name, (size_t)length);
    put32(count);
    put(numbers, count * sizeof *numbers);
    free(numbers);
  }
  hdf5.H5Tclose_(type);
  hdf5.H5Sclose_(space);
}

static void send_attributes(hid_t object) {
  for (hsize_t i = 0; i < most_attributes; i++) {
    hid_t attribute = hdf5.H5Aopen_by_idx_(
        object, ".", H5_INDEX_NAME, H5_ITER_INC, i, H5P_DEFAULT, H5P_DEFAULT);
    if (attribute < 0) return;
    send_attribute(attribute);
    hdf5.H5Aclose_(attribute);
  }
}

static void send_dataset(hid_t dataset, const char *path) {
  hid_t type = hdf5.H5Dget_type_(dataset);
  hid_t space = hdf5.H5Dget_space_(dataset);
  hid_t creation = hdf5.H5Dget_create_plist_(dataset);
  if (type < 0 || space < 0 || creation < 0) leave(CHDF5_NOT_READ);
  // Data of other files is never followed.
  H5D_layout_t layout = hdf5.H5Pget_layout_(creation);
  if (layout < 0 || layout == H5D_VIRTUAL || hdf5.H5Pget_external_count_(creation) != 0) {
    leave(CHDF5_NOT_READ);
  }
  int rank = hdf5.H5Sget_simple_extent_ndims_(space);
  if (rank < 0 || rank > 8) leave(CHDF5_NOT_READ);
  hsize_t sizes[8] = {0};
  if (hdf5.H5Sget_simple_extent_dims_(space, sizes, NULL) < 0) leave(CHDF5_NOT_READ);
  size_t count = 1;
  for (int i = 0; i < rank; i++) {
    if (sizes[i] && count > allowance / sizes[i]) leave(CHDF5_TOO_LARGE);
    count *= (size_t)sizes[i];
  }
  size_t size = hdf5.H5Tget_size_(type);
  int is_float = hdf5.H5Tget_class_(type) == H5T_FLOAT && (size == 2 || size == 4 || size == 8);
  uint8_t kind = is_float ? (uint8_t)size : 0;
  put("D", 1);
  put_text(path, strlen(path));
  put(&kind, 1);
  put32((size_t)rank);
  for (int i = 0; i < rank; i++) {
    uint64_t extent = sizes[i];
    put(&extent, sizeof extent);
  }
  if (is_float) {
    float *numbers = take(count, sizeof *numbers);
    if (hdf5.H5Dread_(dataset, *hdf5.native_float, H5S_ALL, H5S_ALL, H5P_DEFAULT, numbers) < 0) {
      leave(CHDF5_NOT_READ);
    }
    put(numbers, count * sizeof *numbers);
    free(numbers);
  }
  hdf5.H5Pclose_(creation);
  hdf5.H5Tclose_(type);
  hdf5.H5Sclose_(space);
}

static void send_object(hid_t object, char *path, int depth) {
  if (++object_count > most_objects || depth > deepest) leave(CHDF5_TOO_LARGE);
  if (hdf5.H5Iget_type_(object) == H5I_DATASET) {
    send_dataset(object, path);
    return;
  }
  if (hdf5.H5Iget_type_(object) != H5I_GROUP) return;
  put("G", 1);
  put_text(path, strlen(path));
  send_attributes(object);
  H5G_info_t group;
  if (hdf5.H5Gget_info_(object, &group) < 0) leave(CHDF5_NOT_READ);
  size_t end = strlen(path);
  for (hsize_t i = 0; i < group.nlinks; i++) {
    if (i >= most_objects) leave(CHDF5_TOO_LARGE);
    char *name = path + end + 1;
    size_t space = (size_t)longest_path - end - 1;
    ssize_t length = hdf5.H5Lget_name_by_idx_(
        object, ".", H5_INDEX_NAME, H5_ITER_INC, i, name, space, H5P_DEFAULT);
    if (length <= 0 || (size_t)length >= space) leave(CHDF5_NOT_READ);
    union {
      H5L_type_t type;
      char room[256];
    } link = {0};
    if (hdf5.link_info(object, name, &link, H5P_DEFAULT) < 0) leave(CHDF5_NOT_READ);
    // Only what is in this very place: no soft links, no links to other files.
    if (link.type != H5L_TYPE_HARD) continue;
    hid_t child = hdf5.H5Oopen_(object, name, H5P_DEFAULT);
    if (child < 0) leave(CHDF5_NOT_READ);
    path[end] = '/';
    send_object(child, path, depth + 1);
    path[end] = 0;
    hdf5.H5Oclose_(child);
  }
}

static void limit(int resource, rlim_t most) {
  struct rlimit now;
  if (getrlimit(resource, &now)) return;
  if (now.rlim_cur == RLIM_INFINITY || now.rlim_cur > most) now.rlim_cur = most;
  setrlimit(resource, &now);
}

/// How much address space the process has now, in bytes.
static rlim_t address_space(void) {
  FILE *file = fopen("/proc/self/statm", "re");
  unsigned long pages = 0;
  if (file) {
    if (fscanf(file, "%lu", &pages) != 1) pages = 0;
    fclose(file);
  }
  return (rlim_t)pages * (rlim_t)sysconf(_SC_PAGESIZE);
}

static void send_everything(const uint8_t *file, size_t size, size_t most, int cpu_seconds) {
  // A crash here is one of the library, and nobody's business but the parent's.
  for (int number = 1; number < 32; number++) signal(number, SIG_DFL);
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, NULL);
  int nothing = open("/dev/null", O_RDWR);
  for (int standard = 0; standard < 3 && nothing >= 0; standard++) dup2(nothing, standard);
  if (output > 3) close_range(3, (unsigned)output - 1, 0);
  close_range((unsigned)output + 1, ~0U, 0);
  rlim_t space = address_space();
  if (space) limit(RLIMIT_AS, space + 3 * (rlim_t)size + (rlim_t)most + (256 << 20));
  limit(RLIMIT_CORE, 0);
  limit(RLIMIT_FSIZE, 0);
  limit(RLIMIT_CPU, (rlim_t)cpu_seconds);
  limit(RLIMIT_NOFILE, (rlim_t)output + 2);

  allowance = most;
  if (hdf5.H5open_() < 0) leave(CHDF5_NOT_READ);
  hdf5.H5Eset_auto2_(H5E_DEFAULT, NULL, NULL);
  hdf5.H5PLset_loading_state_(0);
  hid_t access = hdf5.H5Pcreate_(*hdf5.file_access);
  if (access < 0 || hdf5.H5Pset_fapl_core_(access, 1 << 16, 0) < 0 ||
      hdf5.H5Pset_file_image_(access, (void *)file, size) < 0) {
    leave(CHDF5_NOT_READ);
  }
  // H5F_ACC_RDONLY, whose macro would call the library by its own name.
  const unsigned read_only = 0;
  hid_t opened = hdf5.H5Fopen_("memory", read_only, access);
  if (opened < 0) leave(CHDF5_NOT_READ);
  hid_t root = hdf5.H5Oopen_(opened, "/", H5P_DEFAULT);
  if (root < 0) leave(CHDF5_NOT_READ);
  static char path[longest_path];
  send_object(root, path, 0);
  put("E", 1);
  leave(CHDF5_DONE);
}

// ---------------------------------------------------------------- In the parent

static int64_t milliseconds(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/// Reads until the pipe ends; 0 when the time is over or there is too much or no memory.
static int receive(int input, size_t most, int64_t end, uint8_t **out, size_t *out_size) {
  size_t room = 0;
  for (;;) {
    int64_t left = end - milliseconds();
    struct pollfd wait = {.fd = input, .events = POLLIN};
    if (left <= 0) return 0;
    int ready = poll(&wait, 1, (int)left);
    if (ready < 0 && errno == EINTR) continue;
    if (ready <= 0) return 0;
    if (*out_size == room) {
      room = room ? room * 2 : 1 << 16;
      if (room > 2 * most + (1 << 16)) return 0;
      uint8_t *larger = realloc(*out, room);
      if (!larger) return 0;
      *out = larger;
    }
    ssize_t got = read(input, *out + *out_size, room - *out_size);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return 0;
    if (got == 0) return 1;
    *out_size += (size_t)got;
  }
}

chdf5_outcome chdf5_read(
    const uint8_t *file, size_t size, size_t most, int seconds, int cpu_seconds, uint8_t **out,
    size_t *out_size) {
  *out = NULL;
  *out_size = 0;
  if (!chdf5_available()) return CHDF5_NO_LIBRARY;
  int ends[2];
  if (pipe2(ends, O_CLOEXEC)) return CHDF5_NO_PROCESS;
  pid_t child = fork();
  if (child < 0) {
    close(ends[0]);
    close(ends[1]);
    return CHDF5_NO_PROCESS;
  }
  if (child == 0) {
    output = ends[1];
    send_everything(file, size, most, cpu_seconds);
  }
  close(ends[1]);
  int is_whole = receive(ends[0], most, milliseconds() + (int64_t)seconds * 1000, out, out_size);
  close(ends[0]);
  if (!is_whole) kill(child, SIGKILL);
  int status = 0;
  while (waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  chdf5_outcome outcome = CHDF5_STOPPED;
  if (is_whole && WIFEXITED(status) && WEXITSTATUS(status) <= CHDF5_NO_PROCESS) {
    outcome = (chdf5_outcome)WEXITSTATUS(status);
  }
  if (outcome == CHDF5_DONE && (*out_size == 0 || (*out)[*out_size - 1] != 'E')) {
    outcome = CHDF5_STOPPED;
  }
  if (outcome != CHDF5_DONE) {
    free(*out);
    *out = NULL;
    *out_size = 0;
  }
  return outcome;
}

void chdf5_free(uint8_t *bytes) { free(bytes); }
