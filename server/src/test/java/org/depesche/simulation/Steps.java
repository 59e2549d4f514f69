package org.depesche.simulation;

/// Counts the steps of storage and pulls the plug before one of them.
final class Steps implements Runnable {

  /// The machine lost power. An Error, so that nothing on the way takes it for trouble it could
  /// handle.
  static final class PowerLoss extends Error {
    private static final long serialVersionUID = 1L;

    PowerLoss() {
      super("power loss", null, false, false);
    }
  }

  private int taken;
  private int plugAt;

  /// @param plugAt the step before which the plug is pulled, from 1; 0 for never
  Steps(int plugAt) {
    this.plugAt = plugAt;
  }

  @Override
  public void run() {
    taken++;
    if (taken == plugAt) {
      throw new PowerLoss();
    }
  }

  /// Pulls the plug `further` steps from now.
  void pullIn(int further) {
    plugAt = taken + further;
  }

  void neverAgain() {
    plugAt = 0;
  }

  int taken() {
    return taken;
  }
}
