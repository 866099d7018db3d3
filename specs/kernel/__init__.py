"""The Linux kernel around an IOMMU group, for specs of proposals to build on."""
