#include "CExpat.h"

#include <dlfcn.h>
#include <expat.h>
#include <limits.h>
#include <pthread.h>

// One entry for each function used; the types come from expat's own header.
#define EXPAT_FUNCTIONS(entry)                                                                     \
  entry(XML_ParserCreate) entry(XML_ParserFree) entry(XML_Parse) entry(XML_SetUserData)            \
  entry(XML_SetElementHandler) entry(XML_SetCharacterDataHandler) entry(XML_SetEntityDeclHandler)  \
  entry(XML_StopParser) entry(XML_GetErrorCode) entry(XML_ErrorString)                             \
  entry(XML_GetCurrentLineNumber) entry(XML_GetCurrentColumnNumber)

#define DECLARE(name) __typeof__(name) *name##_;
static struct { EXPAT_FUNCTIONS(DECLARE) } expat;

static pthread_once_t once = PTHREAD_ONCE_INIT;
static int is_loaded = 0;

static void load(void) {
  void *library = dlopen("libexpat.so.1", RTLD_NOW | RTLD_LOCAL);
  if (!library) return;
  int found = 1;
#define FIND(name)                                                                                 \
  expat.name##_ = (__typeof__(name) *)dlsym(library, #name);                                       \
  if (!expat.name##_) found = 0;
  EXPAT_FUNCTIONS(FIND)
  is_loaded = found;
}

int cexpat_available(void) {
  pthread_once(&once, load);
  return is_loaded;
}

struct reading {
  XML_Parser parser;
  cexpat_handlers handlers;
  void *context;
  cexpat_outcome outcome;
};

static void stop(struct reading *reading, cexpat_outcome outcome) {
  if (reading->outcome == CEXPAT_READ) reading->outcome = outcome;
  expat.XML_StopParser_(reading->parser, XML_FALSE);
}

// After a stop, expat may still call for what it has read.
static void start(void *data, const XML_Char *name, const XML_Char **attributes) {
  struct reading *reading = data;
  if (reading->outcome != CEXPAT_READ) return;
  if (reading->handlers.start(reading->context, name, (const char *const *)attributes))
    stop(reading, CEXPAT_STOPPED);
}

static void end(void *data, const XML_Char *name) {
  struct reading *reading = data;
  (void)name;
  if (reading->outcome != CEXPAT_READ) return;
  if (reading->handlers.end(reading->context)) stop(reading, CEXPAT_STOPPED);
}

static void text(void *data, const XML_Char *bytes, int count) {
  struct reading *reading = data;
  if (reading->outcome != CEXPAT_READ) return;
  if (reading->handlers.text(reading->context, bytes, count)) stop(reading, CEXPAT_STOPPED);
}

static void entity(
    void *data, const XML_Char *name, int is_parameter, const XML_Char *value, int length,
    const XML_Char *base, const XML_Char *system, const XML_Char *public, const XML_Char *notation) {
  (void)name, (void)is_parameter, (void)value, (void)length;
  (void)base, (void)system, (void)public, (void)notation;
  stop(data, CEXPAT_ENTITIES);
}

cexpat_outcome cexpat_read(
    const uint8_t *bytes, size_t size, cexpat_handlers handlers, void *context,
    cexpat_place *place) {
  place->line = place->column = 0;
  place->reason = NULL;
  if (!cexpat_available()) return CEXPAT_MISSING;
  struct reading reading = {.handlers = handlers, .context = context};
  reading.parser = expat.XML_ParserCreate_(NULL);
  if (!reading.parser) return CEXPAT_MISSING;
  expat.XML_SetUserData_(reading.parser, &reading);
  expat.XML_SetElementHandler_(reading.parser, start, end);
  expat.XML_SetCharacterDataHandler_(reading.parser, text);
  expat.XML_SetEntityDeclHandler_(reading.parser, entity);
  int is_last = 0;
  enum XML_Status status = XML_STATUS_OK;
  while (!is_last && status == XML_STATUS_OK) {
    int count = size > INT_MAX / 4 ? INT_MAX / 4 : (int)size;
    is_last = (size_t)count == size;
    status = expat.XML_Parse_(reading.parser, (const char *)bytes, count, is_last);
    if (count) bytes += count;
    size -= (size_t)count;
  }
  place->line = expat.XML_GetCurrentLineNumber_(reading.parser);
  place->column = expat.XML_GetCurrentColumnNumber_(reading.parser) + 1;
  if (reading.outcome == CEXPAT_READ && status != XML_STATUS_OK) {
    reading.outcome = CEXPAT_MALFORMED;
    place->reason = expat.XML_ErrorString_(expat.XML_GetErrorCode_(reading.parser));
  }
  expat.XML_ParserFree_(reading.parser);
  return reading.outcome;
}
