package org.freshet;

import java.io.IOException;

/** What a worker has failed with, in its own words. The client looks for this name in the failures of the job. */
class WorkerException extends IOException {
  private static final long serialVersionUID = 1;

  WorkerException(String message) {
    super(message);
  }
}
