def prepare():
    print "seeding"
