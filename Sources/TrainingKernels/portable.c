#define LANES 4
#define VECTORS 2
#define PANEL 16
#define MOST_ROWS 6

#include "product_loops.h"

#include "cell_loops.h"

#include "update_loops.h"

const LiltTraining lilt_training_portable = TRAINING_SET("portable", false);
