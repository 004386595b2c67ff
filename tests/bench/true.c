/* SPDX-License-Identifier: Apache-2.0 */
/* What the fork+exec load executes: linked statically, so that the loader is not measured. */
int main(void) {
    return 0;
}
