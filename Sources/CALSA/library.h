#ifndef CALSA_LIBRARY_H
#define CALSA_LIBRARY_H

// libasound, opened once; NULL where it is not installed.
void *calsa_library(void);

#endif
